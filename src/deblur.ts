import type { Region } from "./crop_picture.ts";
import { type DeblurStreamOptions, type Listeners, restoring } from "./deblur_stream.ts";
import { codedRegion } from "./display_region.ts";
import type { Frame, FrameSink, FrameSource, MediaInfo } from "./frame.ts";
import { DamagedMediaError, MediaError } from "./errors.ts";
import { checkMemory } from "./job_memory.ts";
import { type Engine, type Precision, precisionOf } from "./model/engine/engine.ts";
import type { Progress } from "./progress.ts";
import type { JudgeFramesOptions } from "./judge_frames.ts";
import { untilDamage } from "./stream/until_damage.ts";

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
  const failure = damaged ?? (done === 0 ? noFrames(source.info) : undefined);
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

/** @throws {MediaError} for what is known before the work begins. */
function checkBefore({ info, damage }: FrameSource, { frames }: Engine, options: DeblurOptions): void {
  if (damage !== undefined && options.partialPath === undefined) {
    throw new DamagedMediaError(info.path, damage);
  }
  if (frames === 3) checkMemory(info.path, { ...info, neighbours: true }, options.memory);
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

function noFrames({ path, range }: MediaInfo): MediaError {
  if (range === undefined) {
    return new MediaError(path, "There is no frame in it. Use a video or picture that has one");
  }
  const { start, duration } = range;
  const part = duration === undefined ? `at ${start} s or later` : `within ${duration} s of ${start} s`;
  return new MediaError(path, `No frame begins ${part}. Choose an earlier or a longer part`);
}
