import { extname } from "node:path";
import type { DeblurReport } from "../deblur.ts";
import { codedRegion } from "../display_region.ts";
import { MediaError } from "../errors.ts";
import { defaultMemory } from "../free_memory.ts";
import type { FrameSource, MediaInfo } from "../frame.ts";
import { kindByName } from "../media_name.ts";
import type { Precision } from "../model/engine/engine.ts";
import type { Weights } from "../model/weights/weights.ts";
import type { Progress } from "../progress.ts";
import { joinVideo, segmentEncoder } from "../stream/segments/segment_video.ts";
import { scanVideo } from "../stream/packets/scan_video.ts";
import type { Verification } from "../stream/verification.ts";
import { identifyFile } from "./identify_file.ts";
import {
  findChanges,
  type JobManifest,
  type JobPlan,
  type JobSettings,
  newManifest,
} from "./job_manifest.ts";
import { packageVersions } from "./package_versions.ts";
import { planSegments } from "./plan_segments.ts";
import { segmentedVideo } from "./restore_segment.ts";
import { WorkFolder } from "./work_folder.ts";

/** Options of {@linkcode restoreInSegments}. */
export interface RestoreInSegmentsOptions {
  readonly settings: Omit<JobSettings, "extension" | "precision">;
  /** Of the network, and of the one for frames without neighbours. */
  readonly weights: readonly Pick<Weights, "sha256" | "calibration">[];
  /** What the networks compute with: as was asked for, or else found out for a new job; one that was begun keeps its own. */
  readonly precision: Precision | (() => Promise<Precision>);
  /** Length of a segment. */
  readonly segmentSeconds: number;
  /** Bytes that a process may take. @default {three quarters of what is free} */
  readonly memory?: number;
  /** Discard what an earlier run left. @default {false} */
  readonly fresh?: boolean;
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
  /** How the output is compared with its source. @default {"streams"} */
  readonly verify?: Verification;
  readonly signal?: AbortSignal;
  /** Told of how many segments how many are done: before the work begins, and whenever another one is. */
  readonly onSegments?: (segments: number, done: number) => void;
  readonly onProgress?: (progress: Progress) => void;
}

/** Restores segments of a job that are missing, and notes each in the folder. */
export type SegmentRunner = (work: WorkFolder, listeners: SegmentListeners) => Promise<void>;

/** What a {@linkcode SegmentRunner} tells of, and heeds. */
export interface SegmentListeners {
  readonly signal?: AbortSignal;
  /** Told of each segment that is done. */
  readonly onDone: () => void;
  /** Told of the progress inside a segment, in frames of it. */
  readonly onProgress: (progress: Progress) => void;
}

/** What came of it. */
export type SegmentedResult = { readonly report: DeblurReport } | {
  /** Why the video cannot be cut. */
  readonly reason: string;
};

/**
 * Restores a video segment by segment, going on where an earlier run of the same job ended. However often it is ended and by whomever
 * segments are restored, the output has the same bytes.
 *
 * @param source Opened video; only what is known of it is used.
 * @throws {OptionError} if `crop` does not lie inside the picture.
 * @throws {MediaError} if the input changes meanwhile, or as {@linkcode WorkFolder} and the runner do.
 */
export async function restoreInSegments(
  { info }: FrameSource,
  output: string,
  run: SegmentRunner,
  options: RestoreInSegmentsOptions,
): Promise<SegmentedResult> {
  const { weights, precision, memory, fresh = false, overwrite = false, signal, verify, onProgress } =
    options;
  const startedAt = performance.now();
  const input = info.path;
  const job: JobPlan = {
    input: await identifyFile(input),
    settings: {
      ...options.settings,
      ...(typeof precision === "string" && { precision }),
      extension: extname(output).toLowerCase(),
    },
    weights: weights.map(({ sha256 }) => sha256),
    calibrations: weights.flatMap(({ calibration }) => calibration ?? []),
    versions: await packageVersions(),
    ...(memory !== undefined && { memory }),
  };
  let reason: string | undefined;
  const plan = async () => {
    const manifest = await planJob(info, job, options);
    if (typeof manifest !== "string") return manifest;
    reason = manifest;
    throw new MediaError(input, `It cannot be cut into segments: ${manifest}`);
  };
  const opened = await WorkFolder.open(output, { input, job, plan, fresh }).catch((error) => {
    if (reason === undefined) throw error;
  });
  if (opened === undefined) return { reason: reason ?? "" };
  await using work = opened;
  const { manifest } = work;
  onProgress?.({ kind: "start", info });
  const framesBefore = doneFrames(work);
  const counter = countProgress(work, options);
  await runUntilWhole(work, run, { ...counter, ...(signal && { signal }) });
  const changes = findChanges(manifest, { ...job, input: await identifyFile(input) });
  if (changes.length > 0) throw new MediaError(input, `It changed during the job: ${changes.join(", ")}`);
  const copy = { path: input, range: info.range };
  const notes = await joinVideo(
    work.joinedPath,
    { ...segmentedVideo(manifest, { template: info, copy }), ...(verify && { verify }) },
    [...manifest.segments.keys()].map((index) => work.segmentPath(index)),
    signal ? { signal } : {},
  );
  const records = [...work.records.values()];
  await work.complete(overwrite);
  const seconds = (performance.now() - startedAt) / 1000;
  const frames = records.reduce((sum, record) => sum + record.frames, 0);
  onProgress?.({ kind: "end", done: frames, seconds });
  const still = records.reduce((sum, { frames, stillShare }) => sum + frames * stillShare, 0);
  const { width = 0, height = 0 } = records[0] ?? {};
  return {
    report: {
      ...{ frames, width, height, seconds },
      stillShare: still / frames,
      precision: records[0]?.precision ?? manifest.settings.precision,
      framesPerSecond: (frames - framesBefore) / seconds,
      notes: [...new Set([...notes, ...records.flatMap((record) => record.notes)])],
    },
  };
}

function isAnimated(extension: string): boolean {
  const kind = kindByName(`x${extension}`);
  return kind === "animation" || kind === "picture";
}

/** @returns The plan of a new job, or why the video cannot be cut. */
async function planJob(
  info: MediaInfo,
  { calibrations = [], settings, ...job }: JobPlan,
  { segmentSeconds, signal, ...options }: RestoreInSegmentsOptions,
): Promise<JobManifest | string> {
  const { memory = Math.floor(defaultMemory()) } = job;
  const { start, duration, codec, crf, crop, extension } = settings;
  if (crop) codedRegion(crop, info); // lies inside the picture
  const scan = await scanVideo(info.path, {
    ...(start !== undefined && { start }),
    ...(duration !== undefined && { duration }),
    ...(signal && { signal }),
  });
  if ("reason" in scan) return scan.reason;
  if (isAnimated(extension)) return "animated pictures are written in one piece";
  if (scan.times.length === 0) return "no frame of it is in the range";
  const length = Math.max(1, Math.round(segmentSeconds * (info.frameRate ?? 25)));
  const encoder = segmentEncoder(`segmented${extension}`, {
    ...{ template: info, memory },
    ...(codec && { codec }),
    ...(crf !== undefined && { crf }),
  });
  const { threads, lookahead } = encoder;
  const precision = typeof options.precision === "string" ? options.precision : await options.precision();
  return newManifest({
    ...job,
    memory,
    settings: { ...settings, precision },
    ...(precision === "int8" && { calibrations: [...calibrations] }),
    encoder: { threads, ...(lookahead !== undefined && { lookahead }) },
    segments: planSegments(scan, length),
  });
}

/** Segments whose files turn out to be damaged when all are done are done again. */
async function runUntilWhole(work: WorkFolder, run: SegmentRunner, listeners: SegmentListeners) {
  do {
    await run(work, listeners);
    listeners.signal?.throwIfAborted();
  } while (await work.forgetDamaged() > 0);
}

function doneFrames({ records }: WorkFolder): number {
  return [...records.values()].reduce((sum, { frames }) => sum + frames, 0);
}

/** Adds up the progress of segments to that of the whole video. */
function countProgress(
  work: WorkFolder,
  { onProgress, onSegments }: RestoreInSegmentsOptions,
): Pick<SegmentListeners, "onDone" | "onProgress"> {
  const startedAt = performance.now();
  const before = doneFrames(work);
  const total = work.manifest.segments.reduce((sum, { frames }) => sum + frames, 0);
  const tell = (done: number) => {
    const framesPerSecond = (done - before) / ((performance.now() - startedAt) / 1000);
    onProgress?.({ kind: "frame", done, total, framesPerSecond });
  };
  const tellSegments = () => onSegments?.(work.manifest.segments.length, work.records.size);
  tellSegments();
  return {
    onDone() {
      tellSegments();
      tell(doneFrames(work));
    },
    onProgress(progress) {
      const done = doneFrames(work);
      if (progress.kind === "frame") tell(done + progress.done);
      if (progress.kind === "part") onProgress?.({ ...progress, done: done + progress.done, total });
    },
  };
}
