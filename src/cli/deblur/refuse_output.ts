import { readdir, stat } from "node:fs/promises";
import { MediaError } from "../../errors.ts";
import { placeOf } from "../../media_name.ts";
import { type Job, partialName } from "./find_jobs.ts";
import type { DeblurFlags } from "./deblur_flags.ts";

/**
 * Checks that a job's output is not in the way, before any work is done. The library checks the same when the job
 * starts, without knowing the flags.
 *
 * @throws {MediaError} if the output is the input, or exists and may not be replaced.
 */
export async function refuseOutput(
  { input, output }: Job,
  { overwrite, keepPartial }: DeblurFlags,
): Promise<void> {
  if (output === "-") return;
  for (const path of (keepPartial ? [output, partialName(output)] : [output]).map(placeOf)) {
    const existing = await stat(path, { bigint: true }).catch(() => undefined);
    if (existing === undefined) continue;
    const source = await stat(input, { bigint: true }).catch(() => undefined);
    if (source?.ino === existing.ino && source.dev === existing.dev && existing.ino !== 0n) {
      throw new MediaError(path, "The output is the input. Choose another name with -o");
    }
    const isEmpty = existing.isDirectory() && (await readdir(path)).length === 0;
    if (!overwrite && !(isEmpty && path !== output)) {
      throw new MediaError(path, "The output exists. Choose another name with -o, or add --overwrite");
    }
  }
}

/** The message that {@linkcode refuseOutput} throws for a job; `undefined` if it does not throw. */
export async function outputRefusal(job: Job, flags: DeblurFlags): Promise<string | undefined> {
  try {
    await refuseOutput(job, flags);
    return undefined;
  } catch (error) {
    if (error instanceof MediaError) return error.message;
    throw error;
  }
}

/** The jobs whose outputs do not exist, and those whose do. */
export async function splitByOutput(
  jobs: readonly Job[],
): Promise<{ readonly wanted: readonly Job[]; readonly existing: readonly Job[] }> {
  const exist = await Promise.all(
    jobs.map(({ output }) => stat(placeOf(output)).then(() => true, () => false)),
  );
  return { wanted: jobs.filter((_, i) => !exist[i]), existing: jobs.filter((_, i) => exist[i]) };
}
