import type { MediaInfo } from "./frame.ts";

/** What a running job tells: once `start`, `frame` after every frame written, once `end`. */
export type Progress =
  | { readonly kind: "start"; readonly info: MediaInfo }
  | {
    readonly kind: "frame";
    /** Frames written so far. */
    readonly done: number;
    /** Frames that will come, when known. */
    readonly total?: number;
    /** Frames a second since the start. */
    readonly framesPerSecond: number;
  }
  | {
    readonly kind: "end";
    readonly done: number;
    /** Wall-clock seconds from the first frame asked for to the file closed. */
    readonly seconds: number;
  };
