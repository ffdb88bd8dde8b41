import type { BlurKind } from "../train/data/pair_files.ts";

/** What the blurry pictures of each folder are, in words. */
export const BLUR_MEANING: Record<BlurKind, string> = {
  blur: "plain means of frames",
  blur_gamma: "means of frames in linear light",
};
