/**
 * Trains the smallest network on a folder of photos, videos or pairs, in plain JavaScript, and leaves weights that every other
 * command takes:
 *
 *     deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi examples/train_tiny.ts DATA OUT [STEPS]
 *
 * Forty steps are a first look, not a network: `deno task train --preset fast` is the real thing.
 */
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { findTrainingData, RunFolder, train, trainConfig } from "../src/train/mod.ts";

/** Trains on `data` for some steps. @returns Path of the weights. */
export async function trainTiny(data: string, directory: string, steps = 40): Promise<string> {
  const config = { ...trainConfig("smoke"), steps };
  const found = await findTrainingData([data], {
    crop: config.crop,
    framesDirectory: join(directory, "frames"),
  });
  using folder = await RunFolder.open(directory, { config, seed: 1, data: found });
  await train(config, {
    data: found,
    directory,
    device: "javascript",
    onStep(metrics) {
      folder.addStep(metrics);
      const share = metrics.loss / metrics.lossOfNothing;
      stdout.write(`step ${metrics.step} of ${steps}: loss ${share.toFixed(3)} of doing nothing\n`);
    },
    onCheckpoint: (checkpoint) => folder.addCheckpoint(checkpoint),
  });
  return join(directory, "weights.safetensors");
}

if (import.meta.main) {
  const [data, directory, steps] = argv.slice(2);
  if (data === undefined || directory === undefined) throw new TypeError("Wanted DATA OUT [STEPS]");
  stdout.write(`Wrote ${await trainTiny(data, directory, Number(steps ?? 40))}\n`);
}
