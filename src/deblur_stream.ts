import { aroundTimes } from "./around_times.ts";
import { type Frame, freePicture, type MediaInfo } from "./frame.ts";
import { defaultMemory } from "./free_memory.ts";
import { fuseFrames, type JudgedResult } from "./fuse_frames.ts";
import { networkMemory } from "./job_memory.ts";
import { type JudgedFrame, judgeFrames } from "./judge_frames.ts";
import type { Engine } from "./model/engine/engine.ts";
import { FULL_STRENGTH, meanStrength } from "./model/restore/strength.ts";
import { detailToFuse } from "./motion/fuse_neighbours.ts";
import { type FrameTimes, onlyTimes } from "./only_times.ts";
import {
  type FrameToRestore,
  handOut,
  type RestoredFrame,
  restoreFrame,
  type RestoreFrameOptions,
} from "./restore_frame.ts";
import { restoreOnce } from "./restore_once.ts";
import { mapFrames } from "./stream/map_frames.ts";

/** Options of {@linkcode deblurStream}. */
export interface DeblurStreamOptions extends RestoreFrameOptions {
  /**
   * Restore what stands still from frame to frame too, instead of leaving it as it is. {@linkcode deblur} always does with what is
   * no video: pictures taken one after the other say little of what happened in between. @default {false}
   */
  readonly everywhere?: boolean;
  /**
   * Bytes that this process may take in all; what the network gets of them decides into how many tiles large frames are split.
   * @default {three quarters of what is free}
   */
  readonly memory?: number;
  /**
   * Usual difference of `pts` from one frame to the next: for an engine of three frames, none is a neighbour that is more than twice as far
   * away. {@linkcode deblur} takes the source's. @default {the smaller of a frame's two}
   */
  readonly frameInterval?: number;
  /**
   * Fuse each restored frame with those restored beside it, for an engine of three frames: less error, less flicker. `false` gives
   * the network alone, as `branches` does. @default {true}
   */
  readonly fuse?: boolean;
  /** Frames to restore: the others are only looked at, as neighbours and to see what moves, and dropped. @default {all} */
  readonly times?: FrameTimes;
  /**
   * Called before the first frame of `times`, with whether frames before those of the source could have changed its neighbours, or what
   * moves in it. What it throws ends the stage. @default {nothing}
   */
  readonly onFirst?: (dependsOnEarlier: boolean) => void;
  /** Ends the stage with the signal's reason, at once. */
  readonly signal?: AbortSignal;
}

/**
 * A stage for `pipeThrough` that restores frames, in their order, with as many in flight as the engine wants, and one held
 * back until the next one tells what stands still, and is there for an engine of three frames to look at (unless everything is
 * restored, by an engine of one). It takes the frames' buffers over. The caller disposes the engine.
 */
export function deblurStream(
  engine: Engine,
  options: DeblurStreamOptions = {},
): ReadableWritablePair<Frame, Frame> {
  return restoring(engine, options);
}

/** Callbacks from inside {@linkcode restoring}. */
export interface Listeners {
  /** Called with how much of each frame is restored. */
  readonly onStrength?: (mean: number) => void;
  /** Called with the share of a frame that is done, where it is restored in parts. */
  readonly onPart?: (share: number) => void;
}

/** {@linkcode deblurStream}, which also tells what becomes of each frame. @param kind What the frames come from. */
export function restoring(
  engine: Engine,
  options: DeblurStreamOptions,
  { onStrength, onPart }: Listeners = {},
  kind: MediaInfo["kind"] = "video",
): ReadableWritablePair<Frame, Frame> {
  const { signal, everywhere = false, branches = false, frameInterval, times } = options;
  let { onFirst } = options;
  const inFlight = { concurrency: engine.concurrency, ...(signal && { signal }) };
  const isEverywhere = everywhere || branches;
  const neighbours = engine.frames === 3;
  const restoration = restoringBy(engine, options, onPart, kind);
  if (isEverywhere && !neighbours) {
    const alone = { strength: FULL_STRENGTH, neighbours: {}, release: () => {} };
    const stage = mapFrames(
      async (frame: Frame) => handOut(await restoration({ frame, ...alone }), options),
      inFlight,
    );
    if (times === undefined) return stage;
    const { readable, writable } = onlyTimes<Frame>(times, ({ pts }) => pts, freePicture);
    return { readable: readable.pipeThrough(stage), writable };
  }
  const { readable, writable } = judgeFrames({
    everywhere: isEverywhere,
    neighbours,
    ...(frameInterval !== undefined && { frameInterval }),
  });
  const once = restoreOnce(restoration, options);
  const restore = async (judged: JudgedFrame) => {
    onFirst?.(judged.dependsOnEarlier);
    onFirst = undefined;
    return { judged, ...await once(judged) };
  };
  const give = ({ judged, ...frame }: JudgedResult<JudgedFrame>) => {
    onStrength?.(meanStrength(judged.strength));
    return handOut(frame, options);
  };
  if (!isFused(engine, options)) {
    const chosen = through(readable, times && onlyTimes(times, ({ frame }) => frame.pts, dropJudged));
    const stage = mapFrames(async (judged: JudgedFrame) => give(await restore(judged)), inFlight);
    return { readable: chosen.pipeThrough(stage), writable };
  }
  const chosen = through(readable, times && aroundTimes(times, dropJudged));
  const fused = chosen.pipeThrough(mapFrames(restore, inFlight)).pipeThrough(
    fuseFrames<JudgedFrame>({ needsBlurry: options.onFrame !== undefined }),
  );
  const asked = through(fused, times && onlyTimes(times, ({ restored }) => restored.pts, dropRestored));
  return { readable: asked.pipeThrough(mapFrames(give)), writable };
}

/** What restores a frame, by one call of the engine. */
function restoringBy(
  engine: Engine,
  options: DeblurStreamOptions,
  onProgress: Listeners["onPart"],
  kind: MediaInfo["kind"],
): (judged: FrameToRestore) => Promise<RestoredFrame> {
  const { memory = defaultMemory(), detail: asked = 1 } = options;
  const neighbours = engine.frames === 3;
  const isToBeFused = isFused(engine, options);
  return (judged) => {
    const { width, height, data } = judged.frame;
    const load = { width, height, kind, sampleBytes: data instanceof Uint16Array ? 2 : 1 } as const;
    const detail = isToBeFused ? detailToFuse(judged.neighbours, asked) : asked;
    return restoreFrame(judged, engine, { ...options, detail }, {
      memoryBudget: networkMemory({ ...load, neighbours }, memory),
      ...(onProgress && { onProgress }),
    });
  };
}

function isFused(
  engine: Engine,
  { branches = false, fuse = true }: Pick<DeblurStreamOptions, "branches" | "fuse">,
): boolean {
  return engine.frames === 3 && !branches && fuse;
}

function through<T>(
  frames: ReadableStream<T>,
  stage: ReadableWritablePair<T, T> | undefined,
): ReadableStream<T> {
  return stage ? frames.pipeThrough(stage) : frames;
}

function dropJudged({ frame, release }: JudgedFrame): void {
  release();
  freePicture(frame);
}

function dropRestored({ blurry, restored }: RestoredFrame): void {
  freePicture(blurry);
  freePicture(restored);
}
