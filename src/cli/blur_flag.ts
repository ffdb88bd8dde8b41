import type { BlurKind } from "../train/data/pair_files.ts";
import { choiceFlag } from "./flags.ts";

/** How the blurry pictures in each folder of a dataset were made. */
export const BLUR_MEANING: Readonly<Record<BlurKind, string>> = {
  blur: "plain means of frames",
  blur_gamma: "means of frames in linear light",
};

const KINDS: readonly BlurKind[] = ["blur", "blur_gamma"];

/** The value of `--blur`: the folder that blurry pictures are taken from. */
export function blurFlag(text: string | undefined): BlurKind | undefined {
  return choiceFlag("--blur", text, KINDS);
}
