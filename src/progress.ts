import type { MediaInfo } from "./frame.ts";

/** Progress of a job: `start` once, `frame` after every frame written, `end` once. */
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
    readonly kind: "end";
    /** Frames written. */
    readonly done: number;
    /** Wall-clock seconds from the first frame requested to the output closed. */
    readonly seconds: number;
  };
