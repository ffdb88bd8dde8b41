/**
 * Restores one video, picture or folder of pictures:
 *
 *     deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi examples/deblur_file.ts IN OUT [WEIGHTS]
 */
import { argv, stdout } from "node:process";
import { createOutput, deblur, type DeblurReport, openEngine, openMedia, shippedWeights } from "../mod.ts";

/** Writes the restored `input` to `output`, telling how far it is. */
export async function deblurFile(input: string, output: string, weights?: string): Promise<DeblurReport> {
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info });
  const shipped = { weights: shippedWeights("fast-video"), alone: shippedWeights("fast") };
  await using engine = await openEngine(weights === undefined ? shipped : { weights });
  return await deblur(source, sink, engine, {
    onProgress(progress) {
      if (progress.kind === "frame") stdout.write(`\r${progress.done} of ${progress.total ?? "?"} frames`);
      if (progress.kind === "end") stdout.write(` in ${progress.seconds.toFixed(1)} s\n`);
    },
  });
}

if (import.meta.main) {
  const [input, output, weights] = argv.slice(2);
  if (input === undefined || output === undefined) {
    throw new TypeError("Arguments are missing: give IN OUT [WEIGHTS]");
  }
  await deblurFile(input, output, weights);
}
