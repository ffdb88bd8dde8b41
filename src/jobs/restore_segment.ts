import { deblur, type DeblurOptions } from "../deblur.ts";
import { EngineError } from "../errors.ts";
import type { Engine } from "../model/engine/engine.ts";
import type { Progress } from "../progress.ts";
import { openVideo } from "../stream/decode/open_video.ts";
import type { SegmentedVideo } from "../stream/segments/segment_video.ts";
import { createSegment } from "../stream/segments/segment_video.ts";
import { hashFile } from "../hash_file.ts";
import { jobDigest, type JobManifest } from "./job_manifest.ts";
import type { Segment } from "./plan_segments.ts";
import type { SegmentRecord } from "./segment_record.ts";

/** A segment to restore, and with what. */
export interface SegmentTask {
  /** The whole input. */
  readonly input: string;
  readonly manifest: JobManifest;
  /** Number of the segment. */
  readonly index: number;
  /** Where to write its packets. */
  readonly path: string;
}

/** Options of {@linkcode restoreSegment}. */
export interface RestoreSegmentOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Restores one segment of a video, to the same bytes on every machine.
 *
 * @throws {MediaError} if the input cannot be decoded there, or the segment not be written.
 * @throws what the engine failed with, or the signal's reason.
 */
export async function restoreSegment(
  task: SegmentTask,
  engine: Engine,
  options: RestoreSegmentOptions = {},
): Promise<SegmentRecord> {
  const { manifest: { segments }, index } = task;
  const [before, segment] = [segments[index - 1], segments[index]];
  if (segment === undefined) throw new RangeError(`There is no segment ${index}`);
  if (before === undefined) return await restoreFrom(segment, task, engine, options);
  try {
    return await restoreFrom(segment, task, engine, {
      ...options,
      onFirst(dependsOnEarlier) {
        if (dependsOnEarlier) throw new DependsOnEarlier();
      },
    });
  } catch (error) {
    if (!(error instanceof DependsOnEarlier)) throw error;
    return await restoreFrom({ ...segment, readFrom: before.readFrom }, task, engine, options);
  }
}

/**
 * Of a scene that stands still, the first frame decides what the others become: if it is before all that is read, the segment before
 * is read too. What has stood still for longer is judged by what is seen of it.
 */
class DependsOnEarlier extends Error {}

async function restoreFrom(
  { from, until, readFrom, readUntil }: Segment,
  { input, manifest, index, path }: SegmentTask,
  engine: Engine,
  { signal, ...listeners }: RestoreSegmentOptions & Pick<DeblurOptions, "onFirst">,
): Promise<SegmentRecord> {
  const { settings: { detail, everywhere, branches, deinterlace, crop, precision }, memory } = manifest;
  const { precision: has = "float32" } = engine;
  if (has !== precision) {
    throw new EngineError(
      engine.device,
      `the job is computed with ${precision}, and this device with ${has}`,
    );
  }
  const heard = signal ? { signal } : {};
  await using source = await openVideo(input, {
    times: { from: BigInt(readFrom), until: BigInt(readUntil) },
    memory,
    ...(deinterlace && { deinterlace }),
    ...heard,
  });
  const video = segmentedVideo(manifest, { template: source.info, copy: { path: input } });
  await using sink = await createSegment(path, video);
  const report = await deblur(source, sink, engine, {
    ...{ detail, everywhere, branches, memory },
    times: { from: BigInt(from), until: BigInt(until) },
    ...(crop && { crop }),
    ...heard,
    ...listeners,
  });
  const { frames, width, height, stillShare, precision: used, notes } = report;
  const sha256 = await hashFile(path);
  const shown = { frames, width, height, stillShare, precision: used };
  return { job: jobDigest(manifest), index, sha256, ...shown, notes: [...notes] };
}

/** How the segments of a job are written. */
export function segmentedVideo(
  { settings, memory, encoder }: JobManifest,
  source: Pick<SegmentedVideo, "template" | "copy">,
): SegmentedVideo {
  const { codec, crf, extension } = settings;
  const { threads, lookahead } = encoder;
  return {
    ...source,
    memory,
    path: `segmented${extension}`,
    encoder: { threads, ...(lookahead !== undefined && { lookahead }) },
    ...(codec && { codec }),
    ...(crf !== undefined && { crf }),
  };
}
