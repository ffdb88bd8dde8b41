import type { FrameSink } from "../frame.ts";
import type { CreateOutputOptions } from "./create_output.ts";

/** Starts writing a video file; see {@linkcode createOutput}. */
export function createVideo(_path: string, _options: CreateOutputOptions): Promise<FrameSink> {
  return Promise.reject(new Error("Not written yet"));
}
