import { deblur } from "../deblur.ts";
import { EngineError } from "../errors.ts";
import type { Engine } from "../model/engine/engine.ts";
import type { Progress } from "../progress.ts";
import { openVideo } from "../stream/decode/open_video.ts";
import type { SegmentedVideo } from "../stream/segments/segment_video.ts";
import { createSegment } from "../stream/segments/segment_video.ts";
import { hashFile } from "../hash_file.ts";
import { jobDigest, type JobManifest } from "./job_manifest.ts";
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
 * Restores one segment of a video, to the same bytes whoever does it.
 *
 * @throws {MediaError} if the input cannot be decoded there, or the segment not be written.
 * @throws what the engine failed with, or the signal's reason.
 */
export async function restoreSegment(
  { input, manifest, index, path }: SegmentTask,
  engine: Engine,
  { signal, onProgress }: RestoreSegmentOptions = {},
): Promise<SegmentRecord> {
  const segment = manifest.segments[index];
  if (segment === undefined) throw new RangeError(`There is no segment ${index}`);
  const { settings: { detail, everywhere, branches, deinterlace, precision }, memory } = manifest;
  if ((engine.precision ?? "float32") !== precision) {
    const what = `the job is computed with ${precision}, and this device with ${
      engine.precision ?? "float32"
    }`;
    throw new EngineError(engine.device, what);
  }
  const times = { from: BigInt(segment.readFrom), until: BigInt(segment.readUntil) };
  const heard = signal ? { signal } : {};
  await using source = await openVideo(input, {
    times,
    memory,
    ...(deinterlace && { deinterlace }),
    ...heard,
  });
  const video = segmentedVideo(manifest, { template: source.info, copy: { path: input } });
  await using sink = await createSegment(path, video);
  const report = await deblur(source, sink, engine, {
    ...{ detail, everywhere, branches, memory },
    times: { from: BigInt(segment.from), until: BigInt(segment.until) },
    ...heard,
    ...(onProgress && { onProgress }),
  });
  const { frames, width, height, stillShare, precision: used, notes } = report;
  const sha256 = await hashFile(path);
  const shown = { frames, width, height, stillShare, precision: used };
  return { job: jobDigest(manifest), sha256, ...shown, notes: [...notes] };
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
