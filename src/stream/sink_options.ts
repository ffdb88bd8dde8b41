import type { MediaInfo } from "../frame.ts";
import type { Verification } from "./verification.ts";
import type { VideoCodec } from "./video_codecs.ts";

/** How an output is written; `codec` and `crf` do not matter to pictures. */
export interface SinkOptions {
  /** Codec family. @default {the source's where there is an encoder for it and the container can hold it, else "h264"} */
  readonly codec?: VideoCodec;
  /** Constant quality, 0 (best) to 51 (63 for vp9 and av1); 18 looks lossless in h264; not for prores, nor for ffv1 and png, which are. @default {18} */
  readonly crf?: number;
  /** Lose nothing after the conversion to the pixel format. @default {false} */
  readonly lossless?: boolean;
  /** Bytes that this process may take for the whole job; encoders look less far ahead where it is little. @default {three quarters of what is free} */
  readonly memory?: number;
  /**
   * How a finished video is compared with the one it is made from, stream by stream. One that differs in what no note tells fails,
   * and is kept as `NAME.failed-check.EXT`. @default {"streams"}
   */
  readonly verify?: Verification;
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
}

/** What the frames of a new video are like; {@linkcode MediaInfo} is one. */
export type VideoTemplate = Pick<
  MediaInfo,
  "width" | "height" | "timeBase" | "frameRate" | "codec" | "samples" | "hdr"
>;

/** A video file that a new one is made from. */
export interface CopiedVideo {
  /**
   * The file. Its sound, subtitles, attachments and tags are copied; colours, pixel shape, rotation and frame times of the new
   * video are those of its video stream.
   */
  readonly path: string;
  /** The part of it that is taken, in seconds from its beginning. @default {all of it} */
  readonly range?: MediaInfo["range"] | undefined;
}
