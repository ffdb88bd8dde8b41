import type { Picture } from "../../frame.ts";
import { Exposure } from "./exposure.ts";
import { SceneChangeDetector } from "./scene_change_detector.ts";
import type { RecipeSource } from "./recipe_source.ts";

/** What was done with the frames so far. */
export interface FrameCounts {
  /** Frames read. */
  frames: number;
  /** Duplicates dropped. */
  duplicates: number;
  /** Exposures dropped because of a scene cut. */
  cuts: number;
}

/** An exposure, and its frames. */
export interface FootageExposure {
  /** The complete exposure. */
  readonly exposure: Exposure;
  /** Indices of its frames, from 0. */
  readonly frames: readonly number[];
}

/**
 * Long exposures of successive frames of footage, one after the other. Frames left over at the end are dropped.
 *
 * @param detect Drop duplicate frames, and exposures that a scene cut interrupts.
 * @param counts Incremented as frames are read.
 */
export async function* footageExposures(
  frames: AsyncIterable<Picture>,
  recipes: Pick<RecipeSource, "next">,
  detect: boolean,
  counts: FrameCounts,
): AsyncGenerator<FootageExposure> {
  const detector = detect ? new SceneChangeDetector() : undefined;
  let open: { readonly exposure: Exposure; readonly frames: number[]; readonly gap: number } | undefined;
  let exposures = 0;
  let skip = 0;
  for await (const frame of frames) {
    const at = counts.frames++;
    const change = detector?.next(frame) ?? "motion";
    if (change === "duplicate") counts.duplicates++;
    if (change === "cut") {
      if (open !== undefined) counts.cuts++;
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
