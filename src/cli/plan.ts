import process from "node:process";
import { describeNetwork, type Engine, type FrameSource, type Weights } from "../../mod.ts";
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
  /** Resident bytes of this process after those frames. */
  readonly memory: number;
}

/** Restores the first frames of a source, writes nothing. Takes the source's frames over. */
export async function planJob(source: FrameSource, engine: Engine, { config }: Weights): Promise<JobPlan> {
  const { info } = source;
  const reader = source.frames.getReader();
  const times: number[] = [];
  for (let i = 0; i < FRAMES_MEASURED; i++) {
    const { value: frame } = await reader.read();
    if (frame === undefined) break;
    const startedAt = performance.now();
    await engine.run({ data: frame.data, width: frame.width, height: frame.height });
    times.push((performance.now() - startedAt) / 1000);
  }
  await reader.cancel();
  const secondsPerFrame = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  return {
    streams: info.streams,
    width: info.width,
    height: info.height,
    ...(info.frames !== undefined && { frames: info.frames, seconds: info.frames * secondsPerFrame }),
    device: engine.device,
    macsPerFrame: describeNetwork(config).macsPerPixel * info.width * info.height,
    secondsPerFrame,
    memory: process.memoryUsage().rss,
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
    `  time: ${plan.secondsPerFrame.toFixed(2)} s a frame, ${clock(plan.seconds)} in all`,
    `  memory: ${(plan.memory / 2 ** 20).toFixed(0)} MiB`,
    "",
  ].join("\n");
}
