import type { Picture } from "../../frame.ts";
import { Exposure } from "./exposure.ts";
import { SceneChange } from "./scene_change.ts";
import type { RecipeSource } from "./synth_options.ts";

/** What became of the frames so far. */
export interface FootageTally {
  /** Frames looked at. */
  frames: number;
  /** Duplicates left out. */
  duplicates: number;
  /** Exposures given up because the scene changed. */
  cuts: number;
}

/** An exposure that is complete, and the frames in it, counted from 0. */
export interface FootageExposure {
  /** Complete. */
  readonly exposure: Exposure;
  /** Indices of its frames. */
  readonly frames: readonly number[];
}

/**
 * Long exposures from successive frames of footage, one after the other. What is left at the end is too short for
 * another and is dropped.
 *
 * @param watched Leave duplicates out, and never expose across a cut.
 * @param tally Counted up along the way.
 */
export async function* footageExposures(
  frames: AsyncIterable<Picture>,
  recipes: Pick<RecipeSource, "next">,
  watched: boolean,
  tally: FootageTally,
): AsyncGenerator<FootageExposure> {
  const watch = watched ? new SceneChange() : undefined;
  let open: { readonly exposure: Exposure; readonly frames: number[]; readonly gap: number } | undefined;
  let exposures = 0;
  let skip = 0;
  for await (const frame of frames) {
    const at = tally.frames++;
    const change = watch?.next(frame) ?? "motion";
    if (change === "duplicate") tally.duplicates++;
    if (change === "cut") {
      if (open !== undefined) tally.cuts++;
      [open, skip] = [undefined, 0];
    }
    if (change === "duplicate" || skip-- > 0) continue;
    if (open === undefined) {
      const { recipe, gap } = recipes.next(exposures++);
      open = { exposure: new Exposure(recipe, frame), frames: [], gap };
    }
    open.exposure.add(frame);
    open.frames.push(at);
    if (!open.exposure.isComplete) continue;
    yield open;
    [skip, open] = [open.gap, undefined];
  }
}
