import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { FFmpegError, MediaError, UsageError } from "../errors.ts";
import {
  createOutput,
  deblur,
  type DeblurReport,
  type Engine,
  type FrameSource,
  type LiveSource,
  openEngine,
  readWeights,
  shippedWeights,
  type Weights,
  WeightsError,
} from "../../mod.ts";
import type { CommandIo } from "./command_io.ts";
import { DEBLUR_HELP, type DeblurFlags, parseDeblurFlags } from "./deblur_flags.ts";
import { findJobs, type Job, partialName, refuseName } from "./find_jobs.ts";
import { asUsage } from "./flags.ts";
import { describeReport, reportAsJson } from "./job_report.ts";
import { openInput } from "./open_input.ts";
import { openOutputFolder } from "./output_folder.ts";
import { describePlan, planJob } from "./plan.ts";
import { openProgressBar, tellBelowBar } from "./progress_bar.ts";

/** What every job of one command line shares. */
interface Command {
  readonly flags: DeblurFlags;
  readonly io: CommandIo;
  readonly weights: Weights;
  /** The engine of all jobs, opened by the first that gets so far: a wrong name is told before seconds are spent on it. */
  readonly engine: () => Promise<Engine>;
}

/**
 * `deno task deblur`: see {@linkcode DEBLUR_HELP}. Of several inputs, one that cannot be used is told and the others
 * are still restored.
 *
 * @returns The exit code; 1 when an input could not be used, or only a part of it.
 * @throws {UsageError} naming the flag that is wrong and what was wanted.
 * @throws {MediaError} naming the only input, or its output, that cannot be used.
 * @throws {WeightsError} | {EngineError} if there is nothing to restore with.
 */
export async function deblurCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = parseDeblurFlags(args);
  if (flags.help) {
    io.stdout(DEBLUR_HELP);
    return 0;
  }
  const weights = await chooseWeights(flags);
  const { jobs, folder } = await findJobs(flags.inputs, flags.output);
  const ready = flags.dryRun ? jobs : await those(jobs, io, (job) => refuseExisting(job, flags));
  const makesFolder = folder !== undefined && !flags.dryRun && ready.length > 0;
  await using _folder = makesFolder ? await openOutputFolder(folder) : undefined;
  await using opened = new AsyncDisposableStack();
  let engine: Promise<Engine> | undefined;
  const open = async () => opened.use(await openEngine({ weights, device: flags.device, signal: io.signal }));
  const command: Command = { flags, io, weights, engine: () => engine ??= open() };
  const done = await those(ready, io, async (job) => {
    await using source = await openInput(job.input, { ...command, isOnly: jobs.length === 1 });
    refuseName(job, source.info.kind);
    // From here on the input is only shown, and an address may hold a password.
    const shown = { ...job, input: source.info.path };
    if (flags.dryRun) return await dryRun(source, shown, command, await refusalOf(job, flags));
    return (await run(source, shown, command)).damage === undefined;
  });
  return done.length === jobs.length ? 0 : 1;
}

/** The jobs that `work` did not call `false`; of several, one whose files cannot be used does not end the others. */
async function those(
  jobs: readonly Job[],
  io: CommandIo,
  work: (job: Job) => Promise<boolean | void>,
): Promise<Job[]> {
  const kept: Job[] = [];
  for (const job of jobs) {
    try {
      if (await work(job) !== false) kept.push(job);
    } catch (error) {
      const isOfJob = error instanceof MediaError || error instanceof FFmpegError;
      if (!isOfJob || jobs.length === 1 || io.signal.aborted) throw error;
      io.stderr(`${error.message}\n`);
    }
  }
  return kept;
}

async function chooseWeights(flags: DeblurFlags): Promise<Weights> {
  const { preset, detail, branches } = flags;
  const weights = await readWeights(flags.weights ?? shippedWeights(preset ?? "fast"));
  const name = weights.preset ? `preset "${weights.preset}"` : "a network without a name";
  if (preset !== undefined && weights.preset !== preset) {
    throw new WeightsError(weights.path, `these weights are of ${name}, not of preset "${preset}"`);
  }
  if (!weights.config.twoWay && (branches || detail !== 1)) {
    const flag = branches ? "--branches" : "--detail";
    throw new UsageError(`${flag} needs a down branch; ${weights.path} is ${name}, which has none`);
  }
  return weights;
}

/** Told before any work is done. The library checks the same when a job begins, without knowing the flags. */
async function refuseExisting(
  { input, output }: Job,
  { overwrite, keepPartial }: DeblurFlags,
): Promise<void> {
  for (const path of keepPartial ? [output, partialName(output)] : [output]) {
    const there = await stat(path, { bigint: true }).catch(() => undefined);
    if (there === undefined) continue;
    const source = await stat(input, { bigint: true }).catch(() => undefined);
    if (source?.ino === there.ino && source.dev === there.dev && there.ino !== 0n) {
      throw new MediaError(path, "The output is the input; wanted another name with -o");
    }
    if (!overwrite) {
      throw new MediaError(path, "The output exists; wanted another name with -o, or --overwrite");
    }
  }
}

/** What a real run would refuse the job's output with, if it would. */
async function refusalOf(job: Job, flags: DeblurFlags): Promise<{ readonly refusal?: string }> {
  try {
    await refuseExisting(job, flags);
    return {};
  } catch (error) {
    if (error instanceof MediaError) return { refusal: error.message };
    throw error;
  }
}

async function run(source: FrameSource | LiveSource, job: Job, command: Command): Promise<DeblurReport> {
  const { flags, io, weights } = command;
  const { overwrite, video, keepPartial } = flags;
  const live = "end" in source ? source : undefined;
  const isKnownDamaged = source.damage !== undefined;
  await using sink = await asUsage(() =>
    createOutput(job.output, { source: source.info, overwrite, ...video })
  );
  const engine = await command.engine();
  await using preview = flags.preview ? await servePreview(job, engine, command) : undefined;
  const partialPath = partialName(job.output);
  let hasFrames = false;
  const restore = async () => {
    using bar = openProgressBar(
      { ...io, isTerminal: io.isTerminal && !flags.quiet },
      basename(job.input),
      "frames",
    );
    return await deblur(source, sink, preview?.watch(engine) ?? engine, {
      detail: flags.detail,
      branches: flags.branches,
      everywhere: flags.everywhere,
      signal: io.signal,
      ...(keepPartial && { partialPath }),
      onProgress(progress) {
        preview?.report(progress);
        if (progress.kind === "start") bar.update(0, source.info.frames, "");
        if (progress.kind !== "frame") return;
        hasFrames = true;
        if (live && progress.done === 1) completeWhenStopped(live, job, command);
        bar.update(progress.done, progress.total, `${progress.framesPerSecond.toFixed(2)} frames/s`);
      },
    });
  };
  const report = await restore().catch((error) => {
    const isHintDue = source.damage !== undefined && (hasFrames || isKnownDamaged) && !keepPartial;
    if (!isHintDue || !(error instanceof MediaError)) throw error;
    throw new MediaError(job.input, `${source.damage}; --keep-partial keeps what still decodes`, {
      cause: error,
    });
  });
  const output = report.damage === undefined ? job.output : partialPath;
  const told = { input: job.input, output, report, engine, weights, ...(live && { live }) };
  if (flags.json) io.stdout(reportAsJson(told));
  else if (!flags.quiet) io.stderr(describeReport(told));
  if (report.damage !== undefined) io.stderr(`${job.input}: ${report.damage}\n`);
  return report;
}

/** From now on there is something to keep: the first wish to stop completes the recording, the second throws it away. */
function completeWhenStopped(source: LiveSource, { output }: Job, { flags, io }: Command): void {
  if (io.catchStop === undefined) return;
  const tell = (line: string) => flags.quiet || tellBelowBar(io, line);
  io.catchStop(() => {
    source.end();
    tell(`Completing ${output}; Ctrl-C again throws it away`);
  });
  tell(`Recording to ${output}; Ctrl-C completes it`);
}

async function dryRun(
  source: FrameSource,
  job: Job,
  { flags, io, weights, engine }: Command,
  refused: { readonly refusal?: string },
): Promise<void> {
  const plan = { ...await planJob(source, await engine(), weights, io.signal), ...refused };
  io.stdout(flags.json ? `${JSON.stringify({ ...job, ...plan })}\n` : describePlan(job, plan));
}

async function servePreview(job: Job, engine: Engine, { flags, io, weights }: Command) {
  const { createJobPreview } = await import("../server/job_preview.ts");
  const preview = await createJobPreview(basename(job.input), {
    device: engine.device,
    detail: flags.detail,
    ...(weights.preset && { preset: weights.preset }),
  });
  io.stderr(`${preview.url}\n`);
  return preview;
}
