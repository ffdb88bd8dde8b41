import { cropPicture, cropSamples, type Region } from "./crop_picture.ts";
import { type Frame, freePicture, type Picture } from "./frame.ts";
import type { JudgedFrame } from "./judge_frames.ts";
import type { Engine, RestoreOptions } from "./model/engine/engine.ts";
import { sideBySide } from "./side_by_side.ts";

/** How frames are restored. */
export interface RestoreFrameOptions {
  /**
   * Gain of what the network changes: 0 leaves the picture as it is, 1 is the network (of frames that are fused, 1.2 times what it changes, which fusing takes back), more is
   * crisper. @default {1}
   */
  readonly detail?: number;
  /** Write blurry, down, up and result side by side (Fig. 3 of the paper; without *down* if there is none) instead of the result alone; what stands still is shown restored too. @default {false} */
  readonly branches?: boolean;
  /**
   * The only part of the pictures that is restored and written, in pixels as coded, before rotation. @default {all of it}
   */
  readonly region?: Region;
  /** Shown each frame with what became of it, which it must not change; their buffers are freed afterwards. */
  readonly onFrame?: (blurry: Frame, restored: Frame) => void;
}

/** What restoring a frame has to know of it. */
export type FrameToRestore = Pick<JudgedFrame, "frame" | "strength" | "neighbours" | "release">;

/** A frame before and after it was restored, both of the region asked for. */
export interface RestoredFrame {
  readonly blurry: Frame;
  readonly restored: Frame;
}

/** Restores a frame by one call of the engine. It takes the frame's buffers over. */
export async function restoreFrame(
  { frame, strength, neighbours, release }: FrameToRestore,
  engine: Engine,
  options: RestoreFrameOptions,
  run: Pick<RestoreOptions, "memoryBudget" | "onProgress">,
): Promise<RestoredFrame> {
  const { detail = 1, branches = false, region } = options;
  const { data, width, height } = frame; // `data` is the engine's until it hands it back
  const { input: whole, up, down, image } = await engine.run({ data, width, height }, {
    detail,
    branches,
    strength,
    neighbours,
    ...(region && { region }),
    ...run,
  });
  release();
  const input = region ? cropPicture(whole, region) : whole;
  const shown = [input, down, up, image].filter((picture) => picture !== undefined);
  const restored = completeFrame(frame, branches ? sideBySide(shown) : image, options);
  for (const picture of [whole, ...shown]) {
    const isKept = [input, restored].some(({ data }) => data.buffer === picture.data.buffer);
    if (!isKept) freePicture(picture);
  }
  return { blurry: completeFrame(frame, input, { ...options, branches: false }), restored };
}

/** Hands out the restored frame, shows both to `onFrame`, and frees the blurry picture. */
export function handOut(
  { blurry, restored }: RestoredFrame,
  { onFrame }: Pick<RestoreFrameOptions, "onFrame">,
): Frame {
  const { data, width, height } = blurry;
  onFrame?.(blurry, restored);
  if (data.buffer !== restored.data.buffer) freePicture({ data, width, height });
  return restored;
}

/** A picture of a frame with all else of it: its times, its opacity, and what is more exact than the picture. */
export function completeFrame(
  frame: Frame,
  { data, width, height }: Picture,
  { branches = false, region }: Pick<RestoreFrameOptions, "branches" | "region">,
): Frame {
  const { pts, duration, alpha, residue } = frame;
  const picture = { pts, duration, data, width, height };
  if (branches) return picture; // four pictures side by side are for looking at: opaque
  return {
    ...picture,
    ...(alpha && { alpha: region ? cropSamples(alpha, frame.width, region) : alpha }),
    ...(residue && !region && { residue }), // it is of whole pictures
  };
}
