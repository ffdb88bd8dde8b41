/**
 * What becomes of the sample clip, frame by frame, against its sharp twin, and the README's picture of it.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi bench/sample.ts [WEIGHTS] [--alone WEIGHTS]
 *     [--everywhere] [--picture FILE]
 */
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { deblurStream, openEngine, openMedia, type Picture, shippedWeights, sideBySide } from "../mod.ts";
import { copyPicture } from "../src/frame.ts";
import { flicker } from "../src/train/evaluate/flicker.ts";
import { psnr } from "../src/train/evaluate/metrics.ts";

const SAMPLE = new URL("../samples/", import.meta.url).pathname;
/** Frame and part of it that the picture shows: the first shot's moving camera, faces and fur. */
const [SHOWN, PART] = [25, { left: 330, top: 120, width: 300, height: 300 }];

const { values, positionals } = parseArgs({
  options: {
    alone: { type: "string" },
    picture: { type: "string" },
    everywhere: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
await using blurry = await openMedia(`${SAMPLE}spaniels.mp4`);
await using twin = await openMedia(`${SAMPLE}sharp/spaniels.mp4`);
const shipped = { weights: shippedWeights("fast-video"), alone: shippedWeights("fast") };
await using engine = await openEngine({
  ...(positionals[0] === undefined ? shipped : { weights: positionals[0] }),
  ...(values.alone !== undefined && { alone: values.alone }),
});

const sharpFrames = twin.frames.getReader();
const gains: number[] = [];
/** Of the sharp, the blurry and the restored clip, from frame to frame. */
const flickers: number[][] = [];
let earlier: readonly Picture[] | undefined;
stdout.write("frame  blurry  restored   gain\n");
const inputs: Picture[] = [];
const restoring = deblurStream(engine, {
  everywhere: values.everywhere,
  onFrame: (frame) => inputs.push(copyPicture(frame)),
});
for await (const image of blurry.frames.pipeThrough(restoring)) {
  const [input, { value: target }] = [inputs.shift(), await sharpFrames.read()];
  if (input === undefined || target === undefined) {
    throw new RangeError("The sharp twin has fewer frames than the sample");
  }
  const [before, after] = [psnr(input, target), psnr(image, target)];
  const now = [target, input, image];
  if (earlier !== undefined) flickers.push(flicker(earlier, now));
  earlier = now;
  const row = [
    before.toFixed(2).padStart(7),
    after.toFixed(2).padStart(9),
    (after - before).toFixed(2).padStart(6),
  ];
  stdout.write(`${[String(gains.push(after - before)).padStart(5), ...row].join(" ")}\n`);
  if (gains.length === SHOWN && values.picture !== undefined) {
    await writePicture(values.picture, [input, image, target]);
  }
}
const [all, worst] = [mean(gains), Math.min(...gains)].map((gain) => gain.toFixed(2));
const losing = gains.filter((gain) => gain < 0).length;
stdout.write(
  `mean gain ${all} dB, worst frame ${worst} dB, ${losing} of ${gains.length} lose, on ${engine.device}\n`,
);
const [flickerSharp, flickerBlurry, flickerRestored] = [0, 1, 2].map((i) =>
  mean(flickers.map((of) => of[i] ?? NaN)).toFixed(3)
);
stdout.write(
  `flicker: sharp ${flickerSharp}, blurry ${flickerBlurry}, restored ${flickerRestored} grey levels\n`,
);

async function writePicture(path: string, pictures: readonly [Picture, Picture, Picture]): Promise<void> {
  const parts = await Promise.all(pictures.map(async ({ data, width, height }) => {
    const part = sharp(data, { raw: { width, height, channels: 3 } }).extract(PART).raw();
    return { data: new Uint8Array(await part.toBuffer()), width: PART.width, height: PART.height };
  }));
  const [first, ...others] = parts;
  if (first === undefined) return;
  const { data, width, height } = sideBySide([first, ...others]);
  await sharp(data, { raw: { width, height, channels: 3 } }).png().toFile(path);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
