/** A codec family that a video can be written in. */
export type VideoCodec = "h264" | "hevc" | "av1" | "vp9" | "ffv1" | "prores" | "png" | "rawvideo";

/** How an animated picture is written: each is the only one that a file of its name holds, so nobody chooses it. */
export type AnimationCodec = "gif" | "apng" | "webp";

/** Everything that moving pictures are written in. */
export type WrittenCodec = VideoCodec | AnimationCodec;

/** Every {@linkcode VideoCodec}. In a file of its own, so that naming them does not load FFmpeg. */
export const VIDEO_CODECS: readonly VideoCodec[] = [
  "h264",
  "hevc",
  "av1",
  "vp9",
  "ffv1",
  "prores",
  "png",
  "rawvideo",
];
