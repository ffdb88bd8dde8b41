import { basename } from "node:path";
import type { Engine, Weights } from "../../../mod.ts";
import type { Command } from "./command.ts";
import type { Job } from "./find_jobs.ts";

/** Shows a job in a browser. */
export async function servePreview(job: Job, engine: Engine, weights: Weights, { flags, io }: Command) {
  const { createJobPreview } = await import("../../server/job_preview.ts");
  const preview = await createJobPreview(basename(job.input), {
    device: engine.device,
    detail: flags.detail,
    ...(weights.preset && { preset: weights.preset }),
  });
  io.stderr(`${preview.url}\n`);
  return preview;
}
