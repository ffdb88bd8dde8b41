import type { Engine } from "../model/engine/engine.ts";
import type { JobManifest } from "./job_manifest.ts";
import { restoreSegment } from "./restore_segment.ts";
import type { SegmentRunner } from "./restore_in_segments.ts";

/**
 * Restores the missing segments in this process, one after another.
 *
 * @param input The whole video.
 * @param openEngine Opens the engine, with the job's precision, when the first segment needs it; it is the caller's.
 */
export function runHere(
  input: string,
  openEngine: (manifest: JobManifest) => Promise<Engine>,
): SegmentRunner {
  let opened: Promise<Engine> | undefined;
  return async (work, { onDone, ...listeners }) => {
    if (work.missing.length === 0) return;
    const engine = await (opened ??= openEngine(work.manifest));
    for (const index of work.missing) {
      const path = work.segmentPath(index);
      await work.addRecord(
        index,
        await restoreSegment({ input, manifest: work.manifest, index, path }, engine, listeners),
      );
      onDone();
    }
  };
}
