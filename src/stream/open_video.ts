import type { FrameSource } from "../frame.ts";
import type { OpenMediaOptions } from "./open_media.ts";

/** Opens a video file; see {@linkcode openMedia}. */
export function openVideo(_path: string, _options: OpenMediaOptions = {}): Promise<FrameSource> {
  return Promise.reject(new Error("Not written yet"));
}
