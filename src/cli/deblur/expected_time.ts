import type { Engine, MediaInfo } from "../../../mod.ts";
import { clock } from "../format_text.ts";

/** How long a job will take with a network of another project, of which nothing else says so. */
export function expectedTime({ findings }: Engine, { width, height, frames }: MediaInfo): string | undefined {
  if (findings === undefined) return undefined;
  const { perRun, perPixel } = findings.seconds;
  const seconds = perRun + perPixel * width * height;
  const each = seconds < 60 ? `${seconds.toPrecision(2)} s` : `${(seconds / 60).toPrecision(2)} min`;
  const all = frames !== undefined && frames > 1 ? `, ${clock(frames * seconds)} in all` : "";
  return `expect about ${each} a frame${all}`;
}
