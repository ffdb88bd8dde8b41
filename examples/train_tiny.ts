/**
 * Trains the smallest network on a folder of photos, videos or pairs, in plain JavaScript, and writes weights that all other
 * commands can use:
 *
 *     deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi examples/train_tiny.ts DATA OUT [STEPS]
 *
 * Forty steps only show how it works. Use `deno task train --preset fast` for a useful network.
 */
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { findTrainingData, RunFolder, train, trainConfig } from "../src/train/mod.ts";

/** Trains on `data`. @returns Path of the weights. */
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
      stdout.write(`step ${metrics.step} of ${steps}: loss ${share.toFixed(3)} of the blurry input's\n`);
    },
    onCheckpoint: (checkpoint) => folder.addCheckpoint(checkpoint),
  });
  return join(directory, "weights.safetensors");
}

if (import.meta.main) {
  const [data, directory, steps] = argv.slice(2);
  if (data === undefined || directory === undefined) {
    throw new TypeError("Arguments are missing: give DATA OUT [STEPS]");
  }
  stdout.write(`Wrote ${await trainTiny(data, directory, Number(steps ?? 40))}\n`);
}
