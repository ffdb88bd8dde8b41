import process from "node:process";
import {
  describeNetwork,
  type Engine,
  type Frame,
  type FrameSource,
  mapFrames,
  MediaError,
  type Weights,
} from "../../mod.ts";
import type { Job } from "./find_jobs.ts";
import { clock } from "./progress_bar.ts";

const FRAMES_MEASURED = 3;

/** What a job would take, from its first three frames. */
export interface JobPlan {
  readonly streams: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Absent when the source does not say. */
  readonly frames?: number;
  readonly device: string;
  /** Multiply-accumulates for one frame. */
  readonly macsPerFrame: number;
  readonly secondsPerFrame: number;
  /** Absent when the number of frames is not known. */
  readonly seconds?: number;
  /** Resident bytes of this process after those frames; the job takes more, for the encoder of its output. */
  readonly leastMemory: number;
  /** What the job would be refused with; absent when it would not be. */
  readonly refusal?: string;
}

/**
 * Restores the first frames of a source, writes nothing. Takes the source's frames over.
 *
 * @throws {MediaError} if there is no frame to restore; `signal.reason`, at once, when it is aborted.
 */
export async function planJob(
  source: FrameSource,
  engine: Engine,
  { config }: Weights,
  signal: AbortSignal,
): Promise<JobPlan> {
  const { info } = source;
  let begun = 0;
  const timeOne = async ({ data, width, height }: Frame): Promise<number> => {
    if (begun++ >= FRAMES_MEASURED) return 0;
    // What a network of three frames is shown beside it, it moves and looks at as it would the neighbours.
    const copy = { data: data.slice(), width, height };
    const neighbours = { previous: copy, next: copy };
    const startedAt = performance.now();
    await engine.run({ data, width, height }, { neighbours });
    return (performance.now() - startedAt) / 1000;
  };
  const times: number[] = [];
  for await (const seconds of source.frames.pipeThrough(mapFrames(timeOne, { signal }))) {
    times.push(seconds);
    if (times.length === FRAMES_MEASURED) break;
  }
  if (times.length === 0) {
    // As the job itself would fail.
    throw new MediaError(info.path, source.damage ?? "There is no frame in it; wanted at least one");
  }
  const secondsPerFrame = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  return {
    streams: info.streams,
    width: info.width,
    height: info.height,
    ...(info.frames !== undefined && { frames: info.frames, seconds: info.frames * secondsPerFrame }),
    device: engine.device,
    macsPerFrame: describeNetwork(config).macsPerPixel * info.width * info.height,
    secondsPerFrame,
    leastMemory: process.memoryUsage().rss,
  };
}

/** The plan in a few lines for a person. */
export function describePlan({ input, output }: Job, plan: JobPlan): string {
  const frames = plan.frames === undefined ? "unknown" : String(plan.frames);
  return [
    `${input} -> ${output}`,
    ...plan.streams.map((stream, i) => `  stream ${i}: ${stream}`),
    `  frames: ${frames} of ${plan.width}x${plan.height}`,
    `  work: ${(plan.macsPerFrame / 1e9).toFixed(1)} GMAC a frame on ${plan.device}`,
    `  time: at most ${plan.secondsPerFrame.toFixed(2)} s a frame, ${
      clock(plan.seconds)
    } in all; less where little moves`,
    `  memory: at least ${
      (plan.leastMemory / 2 ** 20).toFixed(0)
    } MiB, the encoder of the output not counted`,
    ...(plan.refusal === undefined ? [] : [`  would be refused: ${plan.refusal}`]),
    "",
  ].join("\n");
}
