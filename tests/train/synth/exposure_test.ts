import assert from "node:assert/strict";
import { Exposure, type ExposureRecipe } from "../../../src/train/synth/exposure.ts";

const GOPRO: ExposureRecipe = {
  frames: 3,
  averages: [{ folder: "blur", gamma: "none" }, { folder: "blur_gamma", gamma: "2.2" }],
  saturation: 1,
};

function grey(value: number, side = 16) {
  return { data: new Uint8Array(side * side * 3).fill(value), width: side, height: side };
}

async function expose(recipe: ExposureRecipe, frames: readonly ReturnType<typeof grey>[]) {
  const exposure = new Exposure(recipe, frames[0] ?? grey(0));
  for (const frame of frames) exposure.add(frame);
  return await exposure.finish();
}

Deno.test("Exposure gives both of GoPro's means and the middle frame", async () => {
  const { blurry, sharp } = await expose(GOPRO, [grey(0), grey(255), grey(0)]);
  assert.equal(blurry.get("blur")?.data[0], 85);
  assert.equal(blurry.get("blur_gamma")?.data[0], 155);
  assert.deepEqual(sharp, grey(255));
});

Deno.test("Exposure saturates blurry and sharp alike: what does not move is the same in both", async () => {
  const ramp = { ...grey(0), data: Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => i & 255) };
  const recipe = { ...GOPRO, averages: [{ folder: "blur", gamma: "2.2" }], saturation: 2.5 } as const;
  const { blurry, sharp } = await expose(recipe, [ramp, ramp, ramp]);
  assert.deepEqual(blurry.get("blur")?.data, sharp.data);
  assert.deepEqual(sharp.data.slice(0, 241), ramp.data.slice(0, 241));
  assert.equal(sharp.data[254], 255, "the brightest bytes clip");
});

Deno.test("Exposure keeps a passing light bright when it is saturated", async () => {
  const average = async (saturation: number) => {
    const recipe = { ...GOPRO, averages: [{ folder: "blur", gamma: "2.2" }], saturation } as const;
    return (await expose(recipe, [grey(0), grey(255), grey(0)])).blurry.get("blur")?.data[0];
  };
  assert.equal(await average(1), 155);
  assert.equal(await average(3), 255, "a third of three times the light");
});

Deno.test("Exposure's noise has the given deviation, and depends only on its seed", async () => {
  const frames = [grey(128, 64), grey(128, 64), grey(128, 64)];
  const noisy = async (seed: string) => {
    const noise = { read: 2, shot: 0, seed };
    const { blurry, sharp } = await expose({ ...GOPRO, noise }, frames);
    assert.deepEqual(sharp, grey(128, 64));
    return Uint8Array.from(blurry.get("blur")?.data ?? []);
  };
  const bytes = await noisy("a");
  const deviation = Math.sqrt(bytes.reduce((sum, byte) => sum + (byte - 128) ** 2, 0) / bytes.length);
  assert.ok(deviation > 1.85 && deviation < 2.2, `deviation ${deviation}`);
  assert.deepEqual(await noisy("a"), bytes);
  assert.notDeepEqual(await noisy("b"), bytes);
});

Deno.test("Exposure compresses the blurry picture as JPEG on request", async () => {
  const edge = {
    ...grey(0),
    data: Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => Math.floor(i / 3) % 16 < 7 ? 20 : 220),
  };
  const { blurry, sharp } = await expose({ ...GOPRO, jpeg: 20 }, [edge, edge, edge]);
  assert.notDeepEqual(blurry.get("blur")?.data, edge.data);
  assert.deepEqual(sharp, edge);
});

Deno.test("Exposure refuses an even number of frames, and to finish early", async () => {
  assert.throws(() => new Exposure({ ...GOPRO, frames: 8 }, grey(0)), /an even number has no middle frame/);
  await assert.rejects(expose(GOPRO, [grey(0)]), RangeError);
});
