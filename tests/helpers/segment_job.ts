import { newManifest } from "../../src/jobs/job_manifest.ts";
import type { JobManifest } from "../../src/jobs/job_manifest.ts";

/** A job of three segments of ten frames. */
export function exampleManifest(changes: Partial<JobManifest> = {}): JobManifest {
  const segments = [0, 10, 20].map((from) => ({
    ...{ from, until: from + 10, frames: 10 },
    readFrom: Math.max(0, from - 32),
    readUntil: from + 15,
  }));
  return newManifest({
    input: { size: 1000, changed: 1_790_000_000_000, ends: "a".repeat(64) },
    settings: { extension: ".mp4", detail: 1, everywhere: false, branches: false, precision: "float32" },
    weights: ["b".repeat(64)],
    versions: { "node-av": "6.1.1" },
    memory: 2 ** 30,
    encoder: { threads: 4 },
    segments,
    ...changes,
  });
}
