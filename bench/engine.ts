/**
 * Megapixels a second of each preset on one device, from the picture handed over to the picture handed back; networks of three
 * frames get neighbours too, which are found, moved and looked at.
 *
 * deno run --allow-read --allow-env --allow-sys --allow-ffi bench/engine.ts [--device cpu] [--size 1280x720]
 *     [--seconds 10] [--threads N] [PRESET...]
 */
import { availableParallelism, cpus, totalmem } from "node:os";
import { arch, argv, platform, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { Picture } from "../src/frame.ts";
import { isPreset, type Preset, PRESETS } from "../src/model/network/config.ts";
import { describeNetwork } from "../src/model/network/count_ops.ts";
import { DEVICE_CHOICES } from "../src/model/engine/engine.ts";
import { openEngine } from "../src/model/engine/open_engine.ts";
import { randomWeights } from "../tests/helpers/random_weights.ts";

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    device: { type: "string", default: "auto" },
    size: { type: "string", default: "1280x720" },
    seconds: { type: "string", default: "10" },
    threads: { type: "string" },
  },
});

/** Pictures a second with `concurrency` of them in flight, after one that is not counted. */
async function measure(preset: Preset, width: number, height: number) {
  const { threads } = values;
  const device = [...DEVICE_CHOICES.keys()].find((name) => name === values.device);
  if (device === undefined) throw new TypeError(`There is no device "${values.device}"`);
  await using engine = await openEngine({
    weights: randomWeights(PRESETS[preset]),
    device,
    ...(threads !== undefined && { threads: Number(threads) }),
  });
  const picture = (): Picture => ({
    data: new Uint8Array(3 * width * height).map((_, i) => i * 31),
    width,
    height,
  });
  const neighbours = engine.frames === 3 ? { previous: picture(), next: picture() } : {};
  await engine.run(picture(), { neighbours });
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let done = 0;
  const lane = async () => {
    for (let next = picture(); elapsed() < Number(values.seconds); done++) {
      next = (await engine.run(next, { neighbours })).input;
    }
  };
  await Promise.all(Array.from({ length: engine.concurrency }, lane));
  return { device: engine.device, picturesPerSecond: done / elapsed() };
}

const [width = 1280, height = 720] = values.size.split("x").map(Number);
stdout.write(
  `${cpus()[0]?.model.trim()}, ${availableParallelism()} threads, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `${platform} ${arch}, Deno ${Deno.version.deno}\n`,
);
const presets = positionals.length > 0 ? positionals : Object.keys(PRESETS);
for (const preset of presets.filter(isPreset)) {
  const { device, picturesPerSecond } = await measure(preset, width, height);
  const megapixels = picturesPerSecond * width * height / 1e6;
  const gigaflops = 2e-3 * megapixels * describeNetwork(PRESETS[preset]).macsPerPixel;
  stdout.write(
    `${preset.padEnd(14)} ${device.padEnd(10)} ${width}x${height}  ${
      picturesPerSecond.toFixed(2)
    } pictures/s  ` +
      `${megapixels.toFixed(2)} MP/s  ${gigaflops.toFixed(0)} GFLOP/s\n`,
  );
}
