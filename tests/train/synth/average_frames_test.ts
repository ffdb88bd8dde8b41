import assert from "node:assert/strict";
import { averageFrames } from "../../../src/train/synth/average_frames.ts";

function picture(...bytes: number[]) {
  return { data: Uint8Array.from(bytes), width: bytes.length / 3, height: 1 };
}

Deno.test("averageFrames with gamma none is GoPro's blur: the mean of the bytes, rounded", () => {
  const frames = [picture(0, 10, 255), picture(100, 10, 255), picture(50, 12, 254)];
  assert.deepEqual([...averageFrames(frames, "none").data], [50, 11, 255]); // 50, 10.67, 254.67
});

Deno.test("averageFrames with gamma 2.2 is GoPro's blur_gamma: the mean of x^2.2, and its root", () => {
  const frames = [picture(0, 10, 200), picture(255, 10, 100), picture(0, 40, 0)];
  // ((1/3) ^ (1/2.2)) · 255 = 154.8; ((2·10^2.2 + 40^2.2) / 3) ^ (1/2.2) = 25.3; ((200^2.2 + 100^2.2) / 3) ^ (1/2.2) = 132.7
  assert.deepEqual([...averageFrames(frames, "2.2").data], [155, 25, 133]);
});

Deno.test("averageFrames of equal frames is that frame", () => {
  const all = picture(...Array.from({ length: 255 }, (_, i) => i + 1));
  for (const gamma of ["none", "2.2", "srgb"] as const) {
    assert.deepEqual(averageFrames([all, all, all], gamma), all);
  }
});

Deno.test("averageFrames refuses no frames, and frames of different size", () => {
  assert.throws(() => averageFrames([], "none"), RangeError);
  assert.throws(
    () => averageFrames([picture(1, 2, 3), picture(1, 2, 3, 4, 5, 6)], "none"),
    /6 and 3 samples/,
  );
});
