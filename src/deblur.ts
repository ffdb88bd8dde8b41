import type { Region } from "./crop_picture.ts";
import { codedRegion } from "./display_region.ts";
import { type Frame, type FrameSink, type FrameSource, freePicture, type MediaInfo } from "./frame.ts";
import { DamagedMediaError, MediaError } from "./errors.ts";
import { defaultMemory } from "./free_memory.ts";
import { checkMemory, networkMemory } from "./job_memory.ts";
import { type Engine, type Precision, precisionOf } from "./model/engine/engine.ts";
import type { Progress } from "./progress.ts";
import { aroundTimes } from "./around_times.ts";
import { detailToFuse, fuseFrames, type JudgedResult } from "./fuse_frames.ts";
import {
  type FrameToRestore,
  handOut,
  type RestoredFrame,
  restoreFrame,
  type RestoreFrameOptions,
} from "./restore_frame.ts";
import { restoreOnce } from "./restore_once.ts";
import { type JudgedFrame, judgeFrames, type JudgeFramesOptions } from "./judge_frames.ts";
import { FULL_STRENGTH, meanStrength } from "./model/restore/strength.ts";
import { type FrameTimes, onlyTimes } from "./only_times.ts";
import { mapFrames } from "./stream/map_frames.ts";
import { untilDamage } from "./stream/until_damage.ts";

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

/** Options of {@linkcode deblur}. Aborting `signal` aborts the sink too, so nothing of the output stays. */
export interface DeblurOptions extends Omit<DeblurStreamOptions, "region"> {
  /**
   * The only part of the pictures that is restored and written, in pixels as displayed, after rotation. Pictures need it in
   * `createOutput` too. @default {all of it}
   */
  readonly crop?: Region;
  /** Where to leave what a damaged source still gave, in the output's folder. @default {nothing is left, the job fails} */
  readonly partialPath?: string;
  /** Told as the job goes on. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What a finished job did. */
export interface DeblurReport {
  /** Frames written. */
  readonly frames: number;
  /** Share of all they show, from 0 to 1, that stood still and is as it was. */
  readonly stillShare: number;
  /** Pixels of the frames written. */
  readonly width: number;
  /** Pixels of the frames written. */
  readonly height: number;
  /** Wall-clock seconds from the first frame asked for to the output complete. */
  readonly seconds: number;
  /** `frames` / `seconds`. */
  readonly framesPerSecond: number;
  /** What the network computed with. */
  readonly precision: Precision;
  /** What could not be kept as it was in the source, one line each. */
  readonly notes: readonly string[];
  /** What the source should have held and did not, in one line; the frames that could be decoded are at `partialPath`. */
  readonly damage?: string;
}

/**
 * Decoded frames flow through the network into an output, each stage taking only what the next one has room for.
 * The caller disposes source, sink and engine.
 *
 * @throws {OptionError} if `crop` does not lie inside the picture.
 * @throws {MediaError} if the source gives no frame, or is damaged and no `partialPath` is given, before any work if that is
 * known by then; if frames and their neighbours cannot fit in the memory.
 * @throws whatever the source, the engine or the sink failed with, or `signal.reason`; the other two are then ended.
 */
export async function deblur(
  source: FrameSource,
  sink: FrameSink,
  engine: Engine,
  options: DeblurOptions = {},
): Promise<DeblurReport> {
  const { signal, onProgress } = options;
  try {
    checkBefore(source, engine, options);
  } catch (error) {
    await sink.frames.abort(error);
    throw error;
  }
  const total = source.info.frames;
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  let [done, still, width, height] = [0, 0, 0, 0];
  let damaged: DamagedMediaError | undefined;
  let precision: Precision = "float32";

  const count = new TransformStream<Frame, Frame>(
    {
      transform(frame, controller) {
        controller.enqueue(frame);
        done++;
        ({ width, height } = frame);
        precision = precisionOf(engine, frame, options.branches === true);
        const framesPerSecond = done / seconds();
        onProgress?.({ kind: "frame", done, framesPerSecond, ...(total !== undefined && { total }) });
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );

  const { crop, ...others } = options;
  const asked = {
    ...judgeOptionsFor(source.info),
    ...others,
    ...(source.info.kind !== "video" && { everywhere: true }),
    ...(crop && { region: codedRegion(crop, source.info) }),
  };
  const told: Listeners = {
    onStrength: (mean) => still += 1 - mean,
    onPart: (share) => onProgress?.({ kind: "part", done, share, ...(total !== undefined && { total }) }),
  };
  onProgress?.({ kind: "start", info: source.info });
  await untilDamage(source.frames, (error) => damaged = error)
    .pipeThrough(restoring(engine, asked, told, source.info.kind))
    .pipeThrough(count)
    .pipeTo(sink.frames, { preventClose: true, ...(signal && { signal }) });
  const failure = damaged ?? (done === 0 ? noFrames(source.info.path) : undefined);
  await finish(sink, failure, done > 0 ? options.partialPath : undefined);
  const elapsed = seconds();
  onProgress?.({ kind: "end", done, seconds: elapsed });
  return {
    frames: done,
    stillShare: still / done,
    ...{ width, height, precision },
    seconds: elapsed,
    framesPerSecond: done / elapsed,
    notes: [...source.notes ?? [], ...sink.notes ?? []],
    ...(damaged !== undefined && { damage: damaged.damage }),
  };
}

/** What judging the frames of a source has to know of it. */
export function judgeOptionsFor(
  { frameRate, timeBase }: MediaInfo,
): Pick<JudgeFramesOptions, "frameInterval"> {
  return frameRate === undefined ? {} : { frameInterval: timeBase.den / timeBase.num / frameRate };
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

/** @throws {MediaError} for what is known before the work begins. */
function checkBefore({ info, damage }: FrameSource, { frames }: Engine, options: DeblurOptions): void {
  if (damage !== undefined && options.partialPath === undefined) {
    throw new DamagedMediaError(info.path, damage);
  }
  if (frames === 3) checkMemory(info.path, { ...info, neighbours: true }, options.memory);
}

/** Callbacks from inside the stage. */
interface Listeners {
  /** Called with how much of each frame is restored. */
  readonly onStrength?: (mean: number) => void;
  /** Called with the share of a frame that is done, where it is restored in parts. */
  readonly onPart?: (share: number) => void;
}

function restoring(
  engine: Engine,
  options: DeblurStreamOptions,
  { onStrength, onPart }: Listeners = {},
  kind: MediaInfo["kind"] = "video",
): ReadableWritablePair<Frame, Frame> {
  const { signal, everywhere = false, branches = false, frameInterval, times, memory = defaultMemory() } =
    options;
  let { onFirst } = options;
  const inFlight = { concurrency: engine.concurrency, ...(signal && { signal }) };
  const isEverywhere = everywhere || branches;
  const neighbours = engine.frames === 3;
  const isFused = neighbours && !branches && options.fuse !== false;
  const restoration = (judged: FrameToRestore) => {
    const { width, height, data } = judged.frame;
    const sampleBytes = data instanceof Uint16Array ? 2 : 1;
    const detail = isFused ? detailToFuse(judged.neighbours, options.detail) : options.detail;
    return restoreFrame(judged, engine, { ...options, ...(detail !== undefined && { detail }) }, {
      memoryBudget: networkMemory({ width, height, kind, sampleBytes, neighbours }, memory),
      ...(onPart && { onProgress: onPart }),
    });
  };
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
  if (!isFused) {
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

/** Gives the output its final name only if it is whole. @param failure Why it is not. */
async function finish(sink: FrameSink, failure: MediaError | undefined, partialPath?: string): Promise<void> {
  const writer = sink.frames.getWriter();
  await writer.ready; // rejects with the error of the last write, which pipeTo does not wait for
  if (failure === undefined) return await writer.close();
  writer.releaseLock();
  if (partialPath !== undefined && sink.finishAs) return await sink.finishAs(partialPath);
  await sink.frames.abort(failure);
  throw failure;
}

function noFrames(path: string): MediaError {
  return new MediaError(path, "There is no frame in it. Use a video or picture that has one");
}
