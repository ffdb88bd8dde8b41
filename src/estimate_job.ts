import { copyOfRegion } from "./crop_picture.ts";
import { MediaError } from "./errors.ts";
import { copyPicture, type FrameSource, type MediaInfo, type Picture } from "./frame.ts";
import { defaultMemory } from "./free_memory.ts";
import { leastMemory, networkMemory } from "./job_memory.ts";
import type { NetworkConfig } from "./model/network/config.ts";
import { describeNetwork } from "./model/network/count_ops.ts";
import { type Engine, type Precision, precisionOf } from "./model/engine/engine.ts";
import { traitsOf } from "./model/network/network_traits.ts";
import { computedPixels } from "./model/restore/restore_picture.ts";
import { blockDifference, changedPicture, fuseNeighbours } from "./motion/fuse_neighbours.ts";
import { mapFrames } from "./stream/map_frames.ts";
import { untilDamage } from "./stream/until_damage.ts";

/** Pictures that are measured; the middle one counts. On a machine that is busy or slow, one that takes so long will do. */
const PICTURES_MEASURED = 3;
const ENOUGH_SECONDS = 2;
/** Pixels of the frames that are measured whole. Of larger ones a part is, so that no size takes long. */
const MOST_PIXELS = 2 ** 20;
/** Side of that part, in pixels. */
const PART_SIDE = 512;

/** Options of {@linkcode estimateJob}. */
export interface EstimateJobOptions {
  /** The network that the engine runs. @default {not known: nothing is said of its arithmetic} */
  readonly config?: NetworkConfig;
  /** Whether the job writes the branches side by side, which takes longer. @default {false} */
  readonly branches?: boolean;
  /** Bytes that the job's process may take in all. @default {three quarters of what is free} */
  readonly memory?: number;
  /** Aborting it ends the measurement at once with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds of a clock that does not go back. @default {performance.now} */
  readonly now?: () => number;
}

/** What restoring a source takes. Frames with motionless parts take less time. */
export interface JobEstimate {
  /** Multiply-accumulates for one frame; absent where the network is not known. */
  readonly macsPerFrame?: number;
  /** Median of the frames measured. */
  readonly secondsPerFrame: number;
  /** What the network computes with. */
  readonly precision: Precision;
  /** For the whole job; absent where the source does not state its number of frames. */
  readonly seconds?: number;
  /** The least memory that the job's process takes, in bytes. Less would be refused. */
  readonly leastMemory: number;
}

/**
 * Estimates what restoring a source takes, by restoring its first three frames, or of large frames a part, and fusing them: that takes
 * seconds, whatever their size. A job fuses one frame while the network restores the next, and may take a little less time. Writes nothing. It consumes the source's frames; the caller disposes source and engine.
 *
 * @throws {MediaError} if there is no frame, as the job itself would; `signal.reason` when aborted.
 */
export async function estimateJob(
  source: FrameSource,
  engine: Engine,
  {
    config,
    signal,
    branches = false,
    memory = defaultMemory(),
    now = () => performance.now(),
  }: EstimateJobOptions = {},
): Promise<JobEstimate> {
  const { info } = source;
  const load = { ...info, neighbours: engine.frames === 3 };
  const pixels = info.width * info.height;
  let begun = 0;
  let isEnough = false;
  const timeOne = async ({ data, width, height }: Picture): Promise<number> => {
    if (begun++ >= PICTURES_MEASURED || isEnough) return 0;
    precision = precisionOf(engine, { data }, branches);
    // What a network of three frames is shown beside it, it moves and looks at as it would its neighbours.
    const copy = copyPicture({ data, width, height });
    const neighbours = { previous: copy, next: copy };
    const startedAt = now();
    const { image } = await engine.run({ data, width, height }, { neighbours, branches });
    if (engine.frames === 3 && info.kind !== "picture" && !branches) {
      const restored = changedPicture(image, blockDifference(image, copy));
      const neighbour = { ...restored, picture: copy };
      fuseNeighbours(restored, [neighbour, neighbour]);
    }
    const seconds = (now() - startedAt) / 1000;
    isEnough ||= seconds >= ENOUGH_SECONDS;
    return seconds;
  };
  const part = pixels > MOST_PIXELS ? await partOf(source) : undefined;
  const pictures: ReadableStream<Picture> = part ? repeated(part) : untilDamage(source.frames);
  const times: number[] = [];
  let precision: Precision = "float32";
  for await (const seconds of pictures.pipeThrough(mapFrames(timeOne, signal && { signal }))) {
    times.push(seconds);
    if (times.length === PICTURES_MEASURED || isEnough) break;
  }
  if (times.length === 0) throw noFrames(source);
  const measured = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const plan = config && { traits: traitsOf(config), memoryBudget: networkMemory(load, memory) };
  const computed = plan ? computedPixels(info, plan) : pixels;
  const scale = part ? computed / (part.width * part.height) : 1;
  const secondsPerFrame = scale * measured;
  return {
    ...(config && { macsPerFrame: describeNetwork(config).macsPerPixel * pixels }),
    ...{ secondsPerFrame, precision },
    ...(info.frames !== undefined && { seconds: info.frames * secondsPerFrame }),
    leastMemory: leastMemory(load),
  };
}

function noFrames({ info, damage }: FrameSource): MediaError {
  return new MediaError(info.path, damage ?? "There is no frame in it");
}

/** A part of the first frame. What it shows does not matter, so picture files are not decoded. */
async function partOf(source: FrameSource): Promise<Picture> {
  return isVideo(source.info) ? await middleOfFirst(source) : noise();
}

function repeated(part: Picture): ReadableStream<Picture> {
  return ReadableStream.from(
    Array.from({ length: PICTURES_MEASURED }, () => ({ ...part, data: part.data.slice() })),
  );
}

function isVideo({ kind }: MediaInfo): boolean {
  return kind === "video" || kind === "live";
}

async function middleOfFirst(source: FrameSource): Promise<Picture> {
  const reader = untilDamage(source.frames).getReader();
  const { value: frame } = await reader.read();
  await reader.cancel();
  if (frame === undefined) throw noFrames(source);
  const [width, height] = [Math.min(PART_SIDE, frame.width), Math.min(PART_SIDE, frame.height)];
  const [x, y] = [Math.floor((frame.width - width) / 2), Math.floor((frame.height - height) / 2)];
  return copyOfRegion(frame, { x, y, width, height });
}

function noise(): Picture {
  const data = new Uint8Array(3 * PART_SIDE * PART_SIDE);
  for (let i = 0, value = 1; i < data.length; i++) {
    value = (Math.imul(value, 1_103_515_245) + 12_345) >>> 0;
    data[i] = value >>> 24;
  }
  return { data, width: PART_SIDE, height: PART_SIDE };
}
