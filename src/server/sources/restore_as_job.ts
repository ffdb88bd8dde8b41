import {
  deblurStream,
  type DeblurStreamOptions,
  type Engine,
  judgeOptionsFor,
  untilDamage,
} from "../../../mod.ts";
import type { FrameSource, Picture } from "../../frame.ts";

/** Frames that one is fused with, and itself. */
const FRAMES_RESTORED = 3;

/** Options of {@linkcode restoreAsJob}. */
export interface RestoreAsJobOptions extends Pick<DeblurStreamOptions, "detail" | "everywhere" | "region"> {
  /** Take the frame as it is, even if more frames before it could change it. */
  readonly isLastTry: boolean;
  /** Called with the share that is done, from 0 to 1. */
  readonly onProgress: (share: number) => void;
  /** Ends the work with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Restores one frame as a job that reads this source does: fused with the frames beside it.
 *
 * @param source A video, opened some frames before it. Its frames are used up; the caller disposes it.
 * @param engine Of three frames.
 * @param pts Which frame.
 * @returns Nothing if it is not there, or if more frames before it have to be seen.
 * @throws whatever the source or the engine failed with, or the signal's reason.
 */
export async function restoreAsJob(
  source: FrameSource,
  engine: Engine,
  pts: bigint,
  { isLastTry, onProgress, ...options }: RestoreAsJobOptions,
): Promise<Picture | undefined> {
  const stage = deblurStream(withProgress(engine, onProgress), {
    ...judgeOptionsFor(source.info),
    ...options,
    times: { from: pts, until: pts + 1n },
    onFirst(dependsOnEarlier) {
      if (dependsOnEarlier && !isLastTry) throw new DependsOnEarlier();
    },
  });
  const reader = untilDamage(source.frames).pipeThrough(stage).getReader();
  try {
    return (await reader.read()).value;
  } catch (error) {
    if (error instanceof DependsOnEarlier) return undefined;
    throw error;
  } finally {
    reader.cancel().catch(() => undefined); // the frames after it are of no use
  }
}

/** Not a failure: the source has to be opened earlier. */
class DependsOnEarlier extends Error {}

/** The engine, whose pictures count as equal parts of one. Disposing it does nothing. */
function withProgress(engine: Engine, onProgress: (share: number) => void): Engine {
  let done = 0;
  return {
    device: engine.device,
    concurrency: engine.concurrency,
    frames: 3,
    run: async (picture, options) => {
      const restored = await engine.run(picture, {
        ...options,
        onProgress: (share) => onProgress(Math.min(1, (done + share) / FRAMES_RESTORED)),
      });
      done++;
      return restored;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
