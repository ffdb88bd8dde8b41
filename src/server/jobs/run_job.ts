import { createOutput, deblur, type FrameSource } from "../../../mod.ts";
import type { EnginePool } from "../viewers/engine_pool.ts";
import type { JobSummary } from "./job.ts";
import type { RunningJob } from "./job_queue.ts";

/** Opens a file, or a part of it. */
export type OpenMedia = (
  path: string,
  options?: { readonly start?: number; readonly duration?: number; readonly signal?: AbortSignal },
) => Promise<FrameSource>;

/** What a job is run with. */
export interface RunJobOptions {
  readonly engines: EnginePool;
  readonly openMedia: OpenMedia;
}

/**
 * Does one job, as `deno task deblur` would with the same settings. Of a damaged input it keeps what can be decoded.
 *
 * @throws what `deblur` throws, or the reason of the job's signal.
 */
export async function runJob(job: RunningJob, { engines, openMedia }: RunJobOptions): Promise<JobSummary> {
  const { settings, watched, signal } = job;
  const { preset, device, detail, everywhere, codec, crf, range, crop } = settings;
  const part = range === null ? {} : { start: range.start, duration: range.end - range.start };
  await using source = await openMedia(job.input, { ...part, signal });
  await using sink = await createOutput(job.output, {
    source: source.info,
    ...(codec !== null && { codec }),
    ...(crf !== null && { crf }),
    ...(crop !== null && { crop }),
  });
  await using lease = await engines.lease({ preset, device }, { mayExceedLimit: true });
  const report = await deblur(source, sink, lease, {
    detail,
    everywhere,
    ...(crop !== null && { crop }),
    signal,
    partialPath: job.output,
    onFrame: watched.show,
    onProgress: (progress) => watched.report(progress),
  });
  const { frames, stillShare, seconds, notes, damage = null } = report;
  return { frames, stillShare, seconds, notes: [...notes], damage };
}
