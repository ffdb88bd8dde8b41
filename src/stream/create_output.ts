import type { FrameSink, MediaInfo } from "../frame.ts";

/** Options of {@linkcode createOutput}. */
export interface CreateOutputOptions {
  /** The source whose frames will be written: {@linkcode FrameSource.info}. Everything beside the frames is copied from it. */
  readonly source: MediaInfo;
  /** Video codec family. @default {the source's where there is an encoder for it and the container can hold it, else "h264"} */
  readonly codec?: VideoCodec;
  /** Constant quality, 0 (best) to 51 (63 for vp9 and av1); 18 is visually lossless in x264. @default {18} */
  readonly crf?: number;
  /** Keep every decoded value exactly; the file becomes large. @default {false} */
  readonly lossless?: boolean;
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
}

/** Codec families a video can be written in. */
export const VIDEO_CODECS = ["h264", "hevc", "av1", "vp9", "ffv1"] as const;

/** A name from {@linkcode VIDEO_CODECS}. */
export type VideoCodec = typeof VIDEO_CODECS[number];

/**
 * Starts writing what `options.source` is: a video file, a picture, or a folder of pictures. It grows as
 * `NAME.part` beside its final place and is renamed when `frames` is closed. The size is that of the first frame.
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the input, or cannot be written there.
 */
export function createOutput(_path: string, _options: CreateOutputOptions): Promise<FrameSink> {
  return Promise.reject(new Error("Not written yet"));
}
