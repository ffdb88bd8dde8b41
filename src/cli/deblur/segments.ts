import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { DamagedMediaError, UsageError } from "../../errors.ts";
import type { DeblurReport, Engine, FrameSource, LiveSource } from "../../../mod.ts";
import type { JobManifest } from "../../jobs/job_manifest.ts";
import { numberedPictures } from "../../media_name.ts";
import { openProgressBar, printBelowBar } from "../progress_bar.ts";
import { asUsage } from "../flags.ts";
import type { Command } from "./command.ts";
import { type DeblurFlags, SEGMENT_SECONDS } from "./deblur_flags.ts";
import { type Job, partlyDamaged } from "./find_jobs.ts";
import { describeReport, reportAsJson } from "./job_report.ts";

/** Shorter videos are restored in one piece, unless segments are asked for, seconds. */
const LEAST_SECONDS = 60;

/** Whether an input is restored in segments: a long video that is restored as a whole, without a preview. */
export function wantsSegments(
  { info, damage }: FrameSource | LiveSource,
  { output }: Pick<Job, "output">,
  flags: DeblurFlags,
): boolean {
  const { segment, keepPartial, preview, tune } = flags;
  if (info.kind !== "video" || info.ffmpeg !== undefined || damage !== undefined) return false;
  if (info.path === "-" || output === "-" || tune !== undefined || keepPartial || preview) return false;
  if (numberedPictures(output) !== undefined) return false;
  if (flags.workers !== undefined) return true;
  return segment === undefined ? (info.seconds ?? 0) > LEAST_SECONDS : segment > 0;
}

/**
 * Restores a video in segments, and goes on where an earlier run ended.
 *
 * @returns `undefined` if the video cannot be cut; the reason has been printed.
 */
export async function deblurInSegments(
  source: FrameSource,
  job: Job,
  command: Command,
): Promise<DeblurReport | undefined> {
  const { flags, io } = command;
  const networks = await command.networks("video");
  const { weights, alone } = networks;
  const { restoreInSegments, runHere } = await import("../../jobs/mod.ts");
  await using opened = new AsyncDisposableStack();
  const runOnServer = async (address: string) => {
    const { JobServer, runOnWorkers } = await import("../../jobs/nats/mod.ts");
    const { credentials } = flags;
    const server = opened.use(
      await JobServer.connect(address, { credentials }),
    );
    if ("format" in weights) {
      throw new UsageError(
        `--workers cannot hand out ${weights.path}: workers restore with safetensors only`,
      );
    }
    const files = [weights, ...(alone ? [alone] : [])].map(({ path }) => readFile(path));
    return runOnWorkers(server, {
      input: source.info.path,
      weights: await Promise.all(files),
      onNote: print,
    });
  };
  const print = (line: string) => flags.quiet || printBelowBar(io, `${job.output}: ${line}`);
  let [segments, done] = [0, 0];
  using bar = openProgressBar(
    { ...io, isTerminal: io.isTerminal && !flags.quiet },
    basename(job.input),
    "frames",
  );
  const {
    media: { start, duration, deinterlace },
    video: { codec, crf, verify },
    detail,
    everywhere,
    branches,
    crop,
  } = flags;
  let used: Engine | undefined;
  const findPrecision = async () => {
    if (flags.workers === undefined) return (used = await command.engine("video")).precision ?? "float32";
    await using tried = await command.openEngine(networks);
    return tried.precision ?? "float32";
  };
  const openFor = async ({ settings }: JobManifest) =>
    used ??= opened.use(await command.openEngine(networks, settings.precision));
  const runner = flags.workers === undefined
    ? runHere(source.info.path, openFor)
    : await runOnServer(flags.workers);
  const asked = flags.precision;
  // Not all weights can be computed with int8, even if it is asked for.
  const precision = asked === "auto" ? findPrecision : asked === "int8" ? await findPrecision() : asked;
  const restore = () =>
    restoreInSegments(source, job.output, runner, {
      settings: {
        ...{ detail, everywhere, branches },
        ...(crop && { crop }),
        ...(start !== undefined && { start }),
        ...(duration !== undefined && { duration }),
        ...(deinterlace && { deinterlace }),
        ...(codec && { codec }),
        ...(crf !== undefined && { crf }),
      },
      weights: [weights, ...(alone ? [alone] : [])],
      precision,
      segmentSeconds: flags.segment ?? SEGMENT_SECONDS,
      ...(flags.memory !== undefined && { memory: flags.memory }),
      ...(verify && { verify }),
      fresh: flags.fresh,
      overwrite: flags.overwrite,
      signal: io.signal,
      onSegments(all, now) {
        if (segments === 0 && now > 0) print(`continuing: ${now} of ${all} segments are done`);
        [segments, done] = [all, now];
      },
      onProgress(progress) {
        if (progress.kind === "part") bar.update(progress.done + progress.share, progress.total, "");
        if (progress.kind !== "frame") return;
        bar.update(progress.done, progress.total, `${progress.framesPerSecond.toFixed(2)} frames/s`);
      },
    });
  const result = await asUsage(restore).catch((error) => {
    if (done > 0) print(`${done} of ${segments} segments are done; the same command does the rest`);
    if (!(error instanceof DamagedMediaError)) throw error;
    throw partlyDamaged(job.input, error.damage, error);
  });
  if ("reason" in result) {
    print(`restored in one piece, which cannot be continued if it is stopped: ${result.reason}`);
    return undefined;
  }
  const engine = flags.workers === undefined ? used ?? await command.engine("video") : { device: "workers" };
  const finished = { ...job, report: result.report, engine, ...networks };
  if (flags.json) io.stdout(reportAsJson(finished));
  else if (!flags.quiet) io.stderr(describeReport(finished));
  return result.report;
}
