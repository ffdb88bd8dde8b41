import { basename } from "node:path";
import { ClosedPipeError, FFmpegError, MediaError } from "../../errors.ts";
import {
  createOutput,
  deblur,
  type DeblurReport,
  type Engine,
  type FrameSource,
  type LiveSource,
  type MediaInfo,
  openEngine,
} from "../../../mod.ts";
import { placeOf } from "../../media_name.ts";
import type { CommandIo } from "../command_io.ts";
import { asUsage } from "../flags.ts";
import { openProgressBar, printBelowBar } from "../progress_bar.ts";
import { chooseNetworks, type Networks } from "./choose_networks.ts";
import type { Command } from "./command.ts";
import { DEBLUR_HELP, parseDeblurFlags } from "./deblur_flags.ts";
import { dryRun } from "./dry_run.ts";
import { expectedTime } from "./expected_time.ts";
import { findJobs, type Job, partialName, partlyDamaged, refuseName } from "./find_jobs.ts";
import { describeReport, failureAsJson, reportAsJson } from "./job_report.ts";
import { JobViewer } from "./job_viewer.ts";
import { openInput } from "./open_input.ts";
import { openOutputFolder } from "./output_folder.ts";
import { outputRefusal, refuseOutput, splitByOutput } from "./refuse_output.ts";
import { deblurInSegments, wantsSegments } from "./segments.ts";
import { tuneNetworks } from "./tune_networks.ts";

/**
 * `deno task deblur`: see {@linkcode DEBLUR_HELP}. Of several inputs, one that cannot be used is reported and the
 * others are still restored.
 *
 * @param open Opens the engine. @default {openEngine}
 * @returns The exit code; 1 when an input could not be used, or only a part of it.
 * @throws {UsageError} naming the flag that is not valid.
 * @throws {MediaError} naming the only input, or its output, that cannot be used.
 * @throws {WeightsError} | {EngineError} if there is nothing to restore with.
 */
export async function deblurCommand(
  args: readonly string[],
  io: CommandIo,
  open: typeof openEngine = openEngine,
): Promise<number> {
  const flags = parseDeblurFlags(args);
  if (flags.help) {
    io.stdout(DEBLUR_HELP);
    return 0;
  }
  const networks = await chooseNetworks(flags);
  const { jobs, folders, passedOver } = await findJobs(flags.inputs, flags).catch((error) => {
    const isOfInput = error instanceof MediaError && flags.json;
    if (isOfInput) io.stdout(failureAsJson({ input: error.path }, error));
    throw error;
  });
  if (passedOver !== "" && !flags.quiet) io.stderr(`${passedOver}\n`);
  const isOnly = jobs.length === 1;
  const { wanted, existing } = flags.skipExisting
    ? await splitByOutput(jobs)
    : { wanted: jobs, existing: [] };
  for (const job of existing) tellSkipped(job, { flags, io });
  const ready = flags.dryRun
    ? wanted
    : await tryJobs(wanted, (job) => refuseOutput(job, flags), { flags, io, isOnly });
  await using opened = new AsyncDisposableStack();
  if (!flags.dryRun && ready.length > 0) {
    for (const folder of folders) opened.use(await openOutputFolder(folder));
  }
  const engines = new Map<Networks, Promise<Engine>>();
  const openEngine: Command["openEngine"] = async (chosen, precision = flags.precision) => {
    const { device } = flags;
    const engine = await open({ ...chosen, device, precision, signal: io.signal });
    if (!flags.quiet) { for (const note of engine.notes ?? []) io.stderr(`${note}\n`); }
    return engine;
  };
  const openOnce = async (chosen: Networks) => opened.use(await openEngine(chosen));
  const engine = async (kind: MediaInfo["kind"]) => {
    const chosen = await networks(kind);
    const known = engines.get(chosen) ?? openOnce(chosen);
    engines.set(chosen, known);
    return await known;
  };
  await using viewer = flags.preview ? new JobViewer(ready, { flags, io }) : undefined;
  const command: Command = { flags, io, networks, engine, openEngine, ...(viewer && { viewer }) };
  const done = await tryJobs(ready, async (job) => {
    await using source = await openInput(job.input, {
      ...command,
      engine: () => engine("live"),
      isOnly: jobs.length === 1,
      output: job.output,
    });
    refuseName(job, source.info.kind);
    // From here on the input is only displayed, and an address may hold a password.
    const shown = { ...job, input: source.info.path };
    if (flags.dryRun) return await dryRun(source, shown, command, await outputRefusal(job, flags));
    try {
      if (wantsSegments(source, job, flags) && await deblurInSegments(source, shown, command)) return true;
      return (await run(source, shown, command)).damage === undefined;
    } catch (error) {
      if (error instanceof ClosedPipeError) return true; // the reader has closed the pipe
      throw error;
    }
  }, { flags, io, isOnly, onFailure: (job, error) => viewer?.fail(job, error) });
  return done.length === wanted.length ? 0 : 1;
}

function tellSkipped(job: Job, { flags, io }: Pick<Command, "flags" | "io">): void {
  if (flags.json) io.stdout(`${JSON.stringify({ ...job, skipped: true })}\n`);
  else if (!flags.quiet) io.stderr(`${job.input}: skipped, ${job.output} exists\n`);
}

/** What {@linkcode tryJobs} needs to know of the command. */
interface Trial extends Pick<Command, "flags" | "io"> {
  /** Whether there is one input: its failure is that of the command. */
  readonly isOnly: boolean;
  /** Called with each job that fails. */
  readonly onFailure?: (job: Job, error: unknown) => void;
}

/**
 * The jobs for which `work` succeeded. Of several, one whose files cannot be used is reported and does not end the others. With --json
 * each failed input has an object too; those that the end of the command leaves undone have its reason.
 */
async function tryJobs(
  jobs: readonly Job[],
  work: (job: Job) => Promise<boolean | void>,
  { flags, io, isOnly, onFailure = () => undefined }: Trial,
): Promise<Job[]> {
  const succeeded: Job[] = [];
  for (const [i, job] of jobs.entries()) {
    try {
      if (await work(job) !== false) succeeded.push(job);
    } catch (error) {
      onFailure(job, error);
      const isOfJob = error instanceof MediaError || error instanceof FFmpegError;
      const endsAll = !isOfJob || isOnly || io.signal.aborted;
      const failed = endsAll ? jobs.slice(i) : [job];
      if (flags.json && !io.signal.aborted) {
        for (const each of failed) io.stdout(failureAsJson(each, error));
      }
      if (endsAll) throw error;
      io.stderr(`${error.message}\n`);
    }
  }
  return succeeded;
}

async function run(source: FrameSource | LiveSource, job: Job, command: Command): Promise<DeblurReport> {
  const { flags, io } = command;
  const { kind } = source.info;
  const { overwrite, video, format, keepPartial } = flags;
  const memory = flags.memory === undefined ? {} : { memory: flags.memory };
  const crop = flags.crop === undefined ? {} : { crop: flags.crop };
  const live = "end" in source ? source : undefined;
  const isKnownDamaged = source.damage !== undefined;
  await using sink = await asUsage(() =>
    createOutput(job.output, {
      source: source.info,
      overwrite,
      ...video,
      ...memory,
      ...crop,
      ...(format && { format }),
    })
  );
  const given = await command.networks(kind);
  const isTuned = flags.tune !== undefined && kind === "video";
  const tuned = isTuned ? await tuneNetworks(job, given, command) : undefined;
  await using ownEngine = tuned && await command.openEngine(tuned.networks);
  const networks = tuned?.networks ?? given;
  const engine = ownEngine ?? await command.engine(kind);
  const watched = await command.viewer?.begin(job);
  const expected = expectedTime(engine, source.info);
  if (expected !== undefined && !flags.quiet) io.stderr(`${job.input}: ${expected}\n`);
  const partialPath = partialName(job.output);
  let [hasBegun, hasFrames] = [false, false];
  const restore = async () => {
    using bar = openProgressBar(
      { ...io, isTerminal: io.isTerminal && !flags.quiet },
      basename(job.input),
      "frames",
    );
    return await deblur(source, sink, engine, {
      detail: flags.detail,
      branches: flags.branches,
      everywhere: flags.everywhere,
      ...memory,
      ...crop,
      signal: io.signal,
      ...(keepPartial && { partialPath }),
      ...(watched && { onFrame: watched.show }),
      onProgress(progress) {
        watched?.report(progress);
        hasBegun = true;
        if (progress.kind === "start") bar.update(0, source.info.frames, "");
        if (progress.kind === "part") bar.update(progress.done + progress.share, progress.total, "");
        if (progress.kind !== "frame") return;
        hasFrames = true;
        if (live && progress.done === 1) completeWhenStopped(live, job, command);
        bar.update(progress.done, progress.total, `${progress.framesPerSecond.toFixed(2)} frames/s`);
      },
    });
  };
  const report = await restore().catch((error) => {
    // Of a picture something can always be kept; of a video that was found out to be damaged only now, the frames before.
    const canKeep = hasFrames || isKnownDamaged || (source.info.kind !== "video" && !hasBegun);
    const { damage } = source;
    if (damage === undefined || !canKeep || keepPartial || !(error instanceof MediaError)) throw error;
    throw partlyDamaged(job.input, damage, error);
  });
  const output = report.damage === undefined ? job.output : partialPath;
  const { tuning } = tuned ?? {};
  const finished = {
    ...{ input: job.input, output, report, engine, ...networks },
    ...(tuning && { tuning }),
    ...(live && { live }),
  };
  command.viewer?.finish(job, { source, output: placeOf(output), report });
  if (flags.json) io.stdout(reportAsJson(finished));
  else if (!flags.quiet) io.stderr(describeReport(finished));
  if (report.damage !== undefined) io.stderr(`${job.input}: ${report.damage}\n`);
  return report;
}

/** From the first frame on, the first stop request completes the recording, and the second one discards it. */
function completeWhenStopped(source: LiveSource, { output }: Job, { flags, io }: Command): void {
  if (io.catchStop === undefined) return;
  const print = (line: string) => flags.quiet || printBelowBar(io, line);
  io.catchStop(() => {
    source.end();
    print(`Completing ${output}; press Ctrl-C again to discard it`);
  });
  print(`Recording to ${output}; press Ctrl-C to complete it`);
}
