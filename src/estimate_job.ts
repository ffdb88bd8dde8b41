import process from "node:process";
import { MediaError } from "./errors.ts";
import type { Frame, FrameSource } from "./frame.ts";
import type { NetworkConfig } from "./model/network/config.ts";
import { describeNetwork } from "./model/network/count_ops.ts";
import type { Engine } from "./model/engine/engine.ts";
import { mapFrames } from "./stream/map_frames.ts";

const FRAMES_MEASURED = 3;

/** Options of {@linkcode estimateJob}. */
export interface EstimateJobOptions {
  /** The network that the engine runs. */
  readonly config: NetworkConfig;
  /** Aborting it ends the measurement at once with its reason. */
  readonly signal?: AbortSignal;
}

/** What restoring a source takes. Frames with motionless parts take less time. */
export interface JobEstimate {
  /** Multiply-accumulates for one frame. */
  readonly macsPerFrame: number;
  /** Median of the frames measured. */
  readonly secondsPerFrame: number;
  /** For the whole job; absent where the source does not state its number of frames. */
  readonly seconds?: number;
  /** Resident bytes of this process after those frames; the job takes more, for the encoder of its output. */
  readonly leastMemory: number;
}

/**
 * Estimates what restoring a source takes, by restoring its first three frames. Writes nothing. It consumes the source's
 * frames; the caller disposes source and engine.
 *
 * @throws {MediaError} if there is no frame, as the job itself would; `signal.reason` when aborted.
 */
export async function estimateJob(
  source: FrameSource,
  engine: Engine,
  { config, signal }: EstimateJobOptions,
): Promise<JobEstimate> {
  const { info } = source;
  let begun = 0;
  const timeOne = async ({ data, width, height }: Frame): Promise<number> => {
    if (begun++ >= FRAMES_MEASURED) return 0;
    // What a network of three frames is shown beside it, it moves and looks at as it would its neighbours.
    const copy = { data: data.slice(), width, height };
    const neighbours = { previous: copy, next: copy };
    const startedAt = performance.now();
    await engine.run({ data, width, height }, { neighbours });
    return (performance.now() - startedAt) / 1000;
  };
  const times: number[] = [];
  for await (const seconds of source.frames.pipeThrough(mapFrames(timeOne, signal && { signal }))) {
    times.push(seconds);
    if (times.length === FRAMES_MEASURED) break;
  }
  if (times.length === 0) {
    throw new MediaError(info.path, source.damage ?? "There is no frame in it");
  }
  const secondsPerFrame = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  return {
    macsPerFrame: describeNetwork(config).macsPerPixel * info.width * info.height,
    secondsPerFrame,
    ...(info.frames !== undefined && { seconds: info.frames * secondsPerFrame }),
    leastMemory: process.memoryUsage().rss,
  };
}
