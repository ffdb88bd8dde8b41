import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Picture } from "../src/frame.ts";
import { judgeFrames } from "../src/judge_frames.ts";
import type { Engine } from "../src/model/engine/engine.ts";
import { openEngine } from "../src/model/engine/open_engine.ts";
import { shippedWeights } from "../src/model/weights/shipped_weights.ts";
import { openVideo } from "../src/stream/decode/open_video.ts";

const CLIP = fileURLToPath(new URL("../samples/spaniels.mp4", import.meta.url));
const TWIN = fileURLToPath(new URL("../samples/sharp/spaniels.mp4", import.meta.url));

function psnr({ data: a }: Picture, { data: b }: Picture): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return 10 * Math.log10(255 ** 2 * a.length / sum);
}

Deno.test("the sample clip is small, has sound, and pairs frame for frame with its sharp twin", async () => {
  assert.ok((await stat(CLIP)).size < 3e6);
  await using clip = await openVideo(CLIP);
  await using twin = await openVideo(TWIN);
  assert.ok(clip.info.width <= 1280 && clip.info.height <= 720);
  assert.ok(clip.info.streams.some((line) => line.includes("aac")), clip.info.streams.join("; "));
  const sharp = twin.frames[Symbol.asyncIterator]();
  const scores: number[] = [];
  for await (const frame of clip.frames) {
    const other = (await sharp.next()).value as Picture & { pts: bigint };
    assert.equal(
      Number(other.pts) * twin.info.timeBase.num / twin.info.timeBase.den,
      seconds(frame.pts, clip.info.timeBase),
    );
    scores.push(psnr(frame, other));
  }
  assert.equal((await sharp.next()).done, true);
  assert.ok(scores.length >= 48, "two seconds or more");
  const share = (from: number, to: number) =>
    scores.filter((score) => score >= from && score < to).length / scores.length;
  assert.ok(share(0, 26) > 0.2, "many frames are clearly blurred");
  assert.ok(share(31, 99) > 1 / 3, "a third is nearly sharp, but for the bowl");
});

Deno.test("judgeFrames: of the sample, what is smeared is restored, and nearly sharp frames are left alone", async () => {
  await using clip = await openVideo(CLIP);
  await using twin = await openVideo(TWIN);
  const sharp = twin.frames[Symbol.asyncIterator]();
  const [mean, counted] = [{ smeared: 0, sharp: 0 }, { smeared: 0, sharp: 0 }];
  for await (const { frame, strength: { values } } of clip.frames.pipeThrough(judgeFrames())) {
    const score = psnr(frame, (await sharp.next()).value as Picture);
    const kind = score < 24 ? "smeared" : score > 33.5 ? "sharp" : undefined;
    if (kind === undefined) continue;
    counted[kind]++;
    mean[kind] += values.reduce((sum, value) => sum + value) / values.length;
  }
  assert.ok(counted.smeared >= 10 && counted.sharp >= 10);
  assert.ok(mean.smeared / counted.smeared > 0.95, `smeared ${mean.smeared / counted.smeared}`);
  assert.ok(mean.sharp / counted.sharp < 0.02, `sharp ${mean.sharp / counted.sharp}`);
});

Deno.test("fast-video: smeared frames of the sample gain more with their neighbours than by fast; at its cut each has one", async () => {
  await using clip = await openVideo(CLIP);
  await using twin = await openVideo(TWIN);
  const [frames, targets] = await Promise.all([clip, twin].map(({ frames }) => Array.fromAsync(frames)));
  await using fast = await openEngine({ weights: shippedWeights("fast"), device: "cpu" });
  const networks = { weights: shippedWeights("fast-video"), alone: shippedWeights("fast") };
  await using video = await openEngine({ ...networks, device: "cpu" });
  const restore = async (engine: Engine, i: number) => {
    const [frame, previous, next] = [frames?.[i], frames?.[i - 1], frames?.[i + 1]];
    assert.ok(frame && previous && next);
    const picture = { data: frame.data.slice(), width: frame.width, height: frame.height };
    return await engine.run(picture, { neighbours: { previous, next } });
  };
  for (const i of [6, 24, 51]) {
    const [target, plain, seeing] = [targets?.[i], await restore(fast, i), await restore(video, i)];
    assert.ok(target);
    assert.equal(seeing.neighbours, 2);
    const [alone, beside] = [psnr(plain.image, target), psnr(seeing.image, target)];
    assert.ok(beside > alone + 0.1, `frame ${i}: ${alone} dB alone, ${beside} with neighbours`);
  }
  // The last frame of the first shot, and the first one of the second.
  for (const i of [29, 30]) assert.equal((await restore(video, i)).neighbours, 1);
});

for (const preset of ["fast", "fast-video"] as const) {
  Deno.test(`${preset}: more detail changes no brightness, and the up branch has that of the frame`, async () => {
    await using clip = await openVideo(CLIP);
    const [previous, frame, next] = (await Array.fromAsync(clip.frames)).slice(23, 26);
    assert.ok(previous && frame && next);
    await using engine = await openEngine({ weights: shippedWeights(preset), device: "cpu" });
    const brightness = mean(frame);
    for (const options of [{ detail: 1.5 }, { branches: true }]) {
      const picture = { data: frame.data.slice(), width: frame.width, height: frame.height };
      const { image, up = image } = await engine.run(picture, { ...options, neighbours: { previous, next } });
      for (const shown of [image, up]) {
        assert.ok(Math.abs(mean(shown) - brightness) < 5, `${mean(shown)} instead of ${brightness}`);
      }
    }
  });
}

function mean({ data }: Picture): number {
  let sum = 0;
  for (const value of data) sum += value;
  return sum / data.length;
}

function seconds(pts: bigint, { num, den }: { readonly num: number; readonly den: number }): number {
  return Number(pts) * num / den;
}
