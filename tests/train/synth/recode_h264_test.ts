import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Picture } from "../../../src/frame.ts";
import { recodeH264 } from "../../../src/train/synth/recode_h264.ts";
import { psnr } from "../../../src/train/evaluate/metrics.ts";

/** A pan over coloured stripes. */
function pan(frames: number, width = 64, height = 48): Picture[] {
  return Array.from({ length: frames }, (_, frame) => {
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      data.set([
        128 + 90 * Math.sin((x + 2 * frame) / 5),
        128 + 60 * Math.sin(y / 7),
        (x * 3 + y + frame) % 256,
      ], 3 * i);
    }
    return { data, width, height };
  });
}

async function recode(pictures: readonly Picture[], crf: number) {
  return await Array.fromAsync(recodeH264(pictures, { crf, name: "clip" }));
}

Deno.test("recodeH264 returns the pictures in order, with more error at a higher CRF", async () => {
  const pictures = pan(40);
  const mean = (coded: readonly Picture[]) =>
    coded.reduce((sum, picture, i) => sum + psnr(picture, pictures[i] ?? assert.fail()), 0) / coded.length;
  const [fine, coarse] = [await recode(pictures, 12), await recode(pictures, 40)];
  assert.deepEqual([fine.length, coarse.length], [40, 40]);
  assert.ok(mean(fine) > 30, `${mean(fine)} dB`);
  assert.ok(mean(fine) > mean(coarse) + 5, `${mean(fine)} and ${mean(coarse)} dB`);
  for (const [i, picture] of fine.entries()) {
    const others = [i - 3, i + 3].flatMap((other) => pictures[other] ?? []);
    const own = psnr(picture, pictures[i] ?? assert.fail());
    for (const other of others) assert.ok(own > psnr(picture, other), `picture ${i} is another`);
  }
});

Deno.test("recodeH264 predicts pictures from those before: it codes a clip, not stills", async () => {
  const pictures = pan(8);
  const [clip, still] = [await recode(pictures, 30), await recode(pictures.slice(5, 6), 30)];
  assert.notDeepEqual(clip[5]?.data, still[0]?.data);
});

Deno.test("recodeH264 gives the same bits for the same pictures and CRF", async () => {
  const hash = async () => {
    const sum = createHash("sha256");
    for (const { data } of await recode(pan(35), 27)) sum.update(data);
    return sum.digest("hex");
  };
  assert.equal(await hash(), await hash());
});

Deno.test("recodeH264 keeps odd sizes, and one picture alone", async () => {
  const [coded, ...more] = await recode(pan(1, 35, 27), 20);
  assert.deepEqual([coded?.width, coded?.height, more.length], [35, 27, 0]);
  assert.deepEqual(await recode([], 20), []);
});

Deno.test("recodeH264 refuses a picture of another size, naming both", async () => {
  await assert.rejects(recode([...pan(1), ...pan(1, 32, 32)], 20), {
    name: "MediaError",
    message: /clip: A picture is 32x32, but the first was 64x48/,
  });
});
