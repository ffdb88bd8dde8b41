import type { MediaInfo } from "./frame.ts";

/**
 * Progress of a job: `start` once, `frame` after every frame written, `part` after every part of a frame that is too large to be
 * restored at once, `end` once.
 */
export type Progress =
  | { readonly kind: "start"; readonly info: MediaInfo }
  | {
    readonly kind: "frame";
    /** Frames written so far. */
    readonly done: number;
    /** Frames in all, if known. */
    readonly total?: number;
    /** Average since the start. */
    readonly framesPerSecond: number;
  }
  | {
    readonly kind: "part";
    /** Frames written so far. */
    readonly done: number;
    /** Frames in all, if known. */
    readonly total?: number;
    /** Share of the frame being restored that is done, from 0 to 1. */
    readonly share: number;
  }
  | {
    readonly kind: "end";
    /** Frames written. */
    readonly done: number;
    /** Wall-clock seconds from the first frame requested to the output closed. */
    readonly seconds: number;
  };
