import { createOutput, deblur, openEngine, openMedia, shippedWeights } from "../../mod.ts";

/** A whole job beside the engine alone on the same frames. */
export interface JobRun {
  readonly frames: number;
  readonly jobSeconds: number;
  readonly engineSeconds: number;
  /** Seconds of the job for each of the engine. */
  readonly ratioToEngine: number;
}

/**
 * Restores the beginning of the sample with every part of it moving, then the same frames by the engine alone, one after the other.
 *
 * @param output A file that is replaced.
 * @param seconds Of the sample.
 */
export async function timeJob(
  output: string,
  { seconds, threads }: { readonly seconds: number; readonly threads: number },
): Promise<JobRun> {
  const sample = new URL("../../samples/spaniels.mp4", import.meta.url).pathname;
  const open = () => openMedia(sample, { duration: seconds });
  await using engine = await openEngine({ weights: shippedWeights("fast"), device: "cpu", threads });
  await using source = await open();
  await using sink = await createOutput(output, { source: source.info, overwrite: true });
  const { frames, seconds: jobSeconds } = await deblur(source, sink, engine, { everywhere: true });
  await using again = await open();
  let engineSeconds = 0;
  for await (const { data, width, height } of again.frames) {
    const startedAt = performance.now();
    await engine.run({ data, width, height });
    engineSeconds += (performance.now() - startedAt) / 1000;
  }
  return { frames, jobSeconds, engineSeconds, ratioToEngine: jobSeconds / engineSeconds };
}
