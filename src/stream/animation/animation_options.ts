import type { FormatContext, OutputFormat } from "node-av/lib";
import { AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_RATIONAL } from "node-av/constants";
import type { AnimationFacts } from "./read_animation.ts";

/**
 * Options by which FFmpeg's muxers write how often an animated picture plays.
 *
 * @param source what the file that it is made from says; without end if that says nothing
 */
export function animationOptions(
  { name }: OutputFormat,
  { plays }: Pick<AnimationFacts, "plays"> = { plays: 0 },
): Record<string, string> {
  switch (name) {
    case "gif":
      // The first time does not count there; -1 is for none that follows.
      return { loop: `${plays === 0 ? 0 : plays === 1 ? -1 : plays - 1}` };
    case "apng":
      return { plays: `${plays}` };
    case "webp":
      return { loop: `${plays}` };
    default:
      return {};
  }
}

/** How long frames are shown, in seconds. */
export interface ShownLength {
  /** All of them. */
  readonly all: number;
  /** The last one. */
  readonly last: number;
}

/** Most that the numerator and the denominator of a delay in an animated PNG can be. */
const MAX_UNITS = 0xffff;

/** Tells the muxer of animated PNG, just before its end, how many seconds the last frame is shown: others it reads from the next one. */
export function setLastDelay(output: FormatContext, { last: seconds }: ShownLength): void {
  if (output.oformat?.name !== "apng") return;
  const den = Math.max(1, Math.min(10_000, Math.floor(MAX_UNITS / Math.max(seconds, 1))));
  const delay = { num: Math.min(MAX_UNITS, Math.round(seconds * den)), den };
  output.setOption("final_delay", delay, AV_OPT_TYPE_RATIONAL, AV_OPT_SEARCH_CHILDREN);
}
