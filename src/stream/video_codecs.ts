/** A codec family that a video can be written in. */
export type VideoCodec = "h264" | "hevc" | "av1" | "vp9" | "ffv1" | "png" | "rawvideo";

/** Every {@linkcode VideoCodec}. In a file of its own, so that naming them does not load FFmpeg. */
export const VIDEO_CODECS: readonly VideoCodec[] = ["h264", "hevc", "av1", "vp9", "ffv1", "png", "rawvideo"];
