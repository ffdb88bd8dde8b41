import { basename } from "node:path";
import {
  createOutput,
  deblur,
  type DeblurReport,
  type Engine,
  type FrameSource,
  openEngine,
  openMedia,
  readWeights,
  shippedWeights,
  type Weights,
  WeightsError,
} from "../../mod.ts";
import type { CommandIo } from "./command_io.ts";
import { DEBLUR_HELP, type DeblurFlags, parseDeblurFlags } from "./deblur_flags.ts";
import { findJobs, type Job, partialName } from "./find_jobs.ts";
import { describePlan, planJob } from "./plan.ts";
import { openProgressBar } from "./progress_bar.ts";

/**
 * `deno task deblur`: see {@linkcode DEBLUR_HELP}.
 *
 * @returns The exit code; 1 when an input was damaged and only a part of it could be kept.
 */
export async function deblurCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = parseDeblurFlags(args);
  if (flags.help) {
    io.stdout(DEBLUR_HELP);
    return 0;
  }
  const weights = await chooseWeights(flags);
  const jobs = await findJobs(flags.inputs, flags.output);
  await using engine = await openEngine({ weights, device: flags.device, signal: io.signal });
  let exitCode = 0;
  for (const job of jobs) {
    await using source = await openMedia(job.input, { ...flags.media, signal: io.signal });
    if (flags.dryRun) await dryRun(source, job, engine, weights, io, flags);
    else if ((await run(source, job, engine, weights, io, flags)).damage !== undefined) exitCode = 1;
  }
  return exitCode;
}

async function chooseWeights({ weights: path, preset }: DeblurFlags): Promise<Weights> {
  const weights = await readWeights(path ?? shippedWeights(preset ?? "fast"));
  if (preset !== undefined && weights.preset !== preset) {
    throw new WeightsError(
      weights.path,
      `these weights are of ${
        weights.preset ? `preset "${weights.preset}"` : "a network without a name"
      }, not of preset "${preset}"`,
    );
  }
  return weights;
}

async function run(
  source: FrameSource,
  job: Job,
  engine: Engine,
  weights: Weights,
  io: CommandIo,
  flags: DeblurFlags,
): Promise<DeblurReport> {
  const { overwrite, video, detail, branches, keepPartial } = flags;
  await using sink = await createOutput(job.output, { source: source.info, overwrite, ...video });
  await using preview = flags.preview ? await servePreview(job, engine, weights, io, flags) : undefined;
  using bar = openProgressBar(
    { ...io, isTerminal: io.isTerminal && !flags.quiet },
    basename(job.input),
    "frames",
  );
  const partialPath = partialName(job.output);
  const report = await deblur(source, sink, preview?.watch(engine) ?? engine, {
    detail,
    branches,
    signal: io.signal,
    ...(keepPartial && { partialPath }),
    onProgress(progress) {
      preview?.report(progress);
      if (progress.kind !== "frame") return;
      bar.update(progress.done, progress.total, `${progress.framesPerSecond.toFixed(2)} frames/s`);
    },
  });
  const output = report.damage === undefined ? job.output : partialPath;
  if (flags.json) io.stdout(toJson(job, output, report, engine, weights) + "\n");
  else if (!flags.quiet) io.stderr(`${output}: ${summary(report)}\n`);
  if (report.damage !== undefined) io.stderr(`${job.input}: ${report.damage}\n`);
  return report;
}

function summary({ frames, width, height, framesPerSecond, notes }: DeblurReport): string {
  const size = `${frames} ${frames === 1 ? "picture" : "frames"} of ${width}x${height}`;
  return [`${size}, ${framesPerSecond.toFixed(2)} a second`, ...notes].join("; ");
}

function toJson(
  { input }: Job,
  output: string,
  report: DeblurReport,
  engine: Engine,
  weights: Weights,
): string {
  const { frames, width, height, seconds, framesPerSecond, notes, damage } = report;
  return JSON.stringify({
    input,
    output,
    frames,
    width,
    height,
    seconds,
    framesPerSecond,
    device: engine.device,
    preset: weights.preset ?? null,
    weights: { file: weights.path, sha256: weights.sha256 },
    ...(notes.length > 0 && { notes }),
    ...(damage !== undefined && { damage }),
  });
}

async function dryRun(
  source: FrameSource,
  job: Job,
  engine: Engine,
  weights: Weights,
  io: CommandIo,
  { json }: DeblurFlags,
): Promise<void> {
  const plan = await planJob(source, engine, weights);
  if (json) io.stdout(JSON.stringify({ ...job, ...plan }) + "\n");
  else io.stdout(describePlan(job, plan));
}

async function servePreview(
  job: Job,
  engine: Engine,
  weights: Weights,
  io: CommandIo,
  { detail }: DeblurFlags,
) {
  const { createJobPreview } = await import("../server/job_preview.ts");
  const preview = await createJobPreview(basename(job.input), {
    device: engine.device,
    detail,
    ...(weights.preset && { preset: weights.preset }),
  });
  io.stderr(`${preview.url}\n`);
  return preview;
}
