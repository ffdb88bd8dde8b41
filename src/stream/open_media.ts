import type { FrameSource } from "../frame.ts";

/** Options of {@linkcode openMedia}. */
export interface OpenMediaOptions {
  /** First moment wanted, in seconds from the beginning; ignored for a single picture. @default {0} */
  readonly start?: number;
  /** Seconds wanted from `start`. @default {to the end} */
  readonly duration?: number;
  /** Pictures with more pixels are refused. @default {268435456} */
  readonly maxPixels?: number;
  /** Ends `frames` with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a video file, a picture file or a folder of pictures, whichever `path` is. The caller disposes the source.
 *
 * @throws {MediaError} if there is nothing at `path` that can be decoded, or it needs more than 8 bits and is a video.
 */
export function openMedia(_path: string, _options: OpenMediaOptions = {}): Promise<FrameSource> {
  return Promise.reject(new Error("Not written yet"));
}
