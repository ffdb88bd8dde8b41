import { estimateJob, type FrameSource, type JobEstimate } from "../../../mod.ts";
import { clock } from "../format_text.ts";
import type { Command } from "./command.ts";
import type { Job } from "./find_jobs.ts";

/**
 * Prints what a job would do and take, without writing anything. Consumes the source's frames.
 *
 * @param refusal The error that the job would be refused with, if any.
 */
export async function dryRun(
  source: FrameSource,
  job: Job,
  { flags, io, networks, engine }: Command,
  refusal: string | undefined,
): Promise<void> {
  const { info, damage } = source;
  const { weights } = await networks(info.kind);
  const opened = await engine(info.kind);
  const { device } = opened;
  const { memory } = flags;
  const estimate = await estimateJob(source, opened, {
    ...("config" in weights && { config: weights.config }),
    branches: flags.branches,
    signal: io.signal,
    ...(memory !== undefined && { memory }),
  });
  const plan: JobPlan = {
    ...job,
    streams: info.streams,
    width: info.width,
    height: info.height,
    ...(info.frames !== undefined && { frames: info.frames }),
    device,
    ...estimate,
    ...(flags.tune !== undefined && { tuneMinutes: flags.tune }),
    ...(damage !== undefined && { damage }),
    ...(refusal !== undefined && { refusal }),
  };
  io.stdout(flags.json ? `${JSON.stringify(plan)}\n` : describePlan(plan));
}

interface JobPlan extends Job, JobEstimate {
  readonly streams: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly frames?: number;
  readonly device: string;
  /** Length of the training before. */
  readonly tuneMinutes?: number;
  readonly damage?: string;
  readonly refusal?: string;
}

function describePlan(plan: JobPlan): string {
  const seconds = `${plan.secondsPerFrame.toFixed(2)} s a frame, ${clock(plan.seconds)} in all`;
  const { macsPerFrame } = plan;
  const work = macsPerFrame === undefined ? "not known" : `${(macsPerFrame / 1e9).toFixed(1)} GMAC a frame`;
  return [
    `${plan.input} -> ${plan.output}`,
    ...plan.streams.map((stream, i) => `  stream ${i}: ${stream}`),
    `  frames: ${plan.frames ?? "unknown"} of ${plan.width}x${plan.height}`,
    `  work: ${work} on ${plan.device}${
      plan.precision === "float32" ? "" : `, computed with ${plan.precision}`
    }`,
    `  time: at most ${seconds}; less where little moves`,
    ...(plan.tuneMinutes === undefined ? [] : [`  tuning: ${plan.tuneMinutes} min before that`]),
    `  memory: at least ${(plan.leastMemory / 2 ** 20).toFixed(0)} MiB`,
    ...(plan.damage === undefined ? [] : [`  damage: ${plan.damage}`]),
    ...(plan.refusal === undefined ? [] : [`  would fail: ${plan.refusal}`]),
    "",
  ].join("\n");
}
