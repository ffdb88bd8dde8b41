import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import {
  applyStrength,
  checkStrength,
  FULL_STRENGTH,
  type StrengthGrid,
  touchedRegion,
} from "../../../src/model/restore/strength.ts";

function flat(value: number, width: number, height: number): Picture {
  return { data: new Uint8Array(3 * width * height).fill(value), width, height };
}

function grid(columns: number, rows: number, values: readonly number[]): StrengthGrid {
  return { columns, rows, values: Float32Array.from(values) };
}

/** One channel of what 0 becomes where the network made 100 of it. */
function applied(strength: StrengthGrid, width: number, height: number): number[] {
  const restored = flat(100, width, height);
  applyStrength(restored, flat(0, width, height), strength);
  const pixels = Array.from(
    { length: width * height },
    (_, i) => [...restored.data.subarray(3 * i, 3 * i + 3)],
  );
  for (const [red, green, blue] of pixels) assert.ok(red === green && green === blue);
  return pixels.map(([red = NaN]) => red);
}

Deno.test("applyStrength: the middle of a cell has its value, in between it is linear, the edge goes on", () => {
  assert.deepEqual(applied(grid(2, 1, [0, 1]), 8, 1), [0, 0, 13, 38, 63, 88, 100, 100]);
  assert.deepEqual(applied(grid(1, 2, [1, 0.5]), 1, 4), [100, 88, 63, 50]);
  assert.deepEqual(applied(grid(2, 2, [0, 1, 1, 0]), 2, 2), [0, 100, 100, 0]);
  assert.deepEqual(applied(FULL_STRENGTH, 3, 2), Array(6).fill(100));
});

Deno.test("applyStrength: 0 is the original and 1 the network, to the bit, in 8 and in 16 bits", () => {
  for (const [Samples, white] of [[Uint8Array, 255], [Uint16Array, 65535]] as const) {
    const picture = (step: number): Picture => ({
      data: new Samples(Array.from({ length: 3 * 300 }, (_, i) => (i * step) % (white + 1))),
      width: 300,
      height: 1,
    });
    for (const value of [0, 1]) {
      const restored = picture(211);
      applyStrength(restored, picture(97), grid(3, 1, [value, value, value]));
      assert.deepEqual(restored, picture(value === 0 ? 97 : 211));
    }
  }
});

Deno.test("touchedRegion: holds every pixel that gets strength, and hardly more", () => {
  const size = { width: 50, height: 37 };
  assert.equal(touchedRegion(grid(2, 1, [0, 0]), size), undefined);
  assert.deepEqual(touchedRegion(FULL_STRENGTH, size), { x: 0, y: 0, ...size });
  for (let cell = 0; cell < 20; cell++) {
    const strength = grid(5, 4, Array.from({ length: 20 }, (_, i) => i === cell ? 1 : 0));
    const restored = flat(255, size.width, size.height);
    applyStrength(restored, flat(0, size.width, size.height), strength);
    const changed = [...restored.data.keys()].filter((i) => i % 3 === 0 && restored.data[i] !== 0).map((i) =>
      i / 3
    );
    const xs = changed.map((i) => i % 50);
    const ys = changed.map((i) => Math.floor(i / 50));
    const region = touchedRegion(strength, size);
    assert.ok(region);
    const { x, y, width, height } = region;
    const slack = [
      Math.min(...xs) - x,
      Math.min(...ys) - y,
      x + width - 1 - Math.max(...xs),
      y + height - 1 - Math.max(...ys),
    ];
    assert.ok(slack.every((pixels) => pixels >= 0 && pixels <= 1), `${slack} around cell ${cell}`);
  }
});

Deno.test("checkStrength: a grid of another size, or values out of bounds, are refused", () => {
  const good = grid(2, 1, [0, 1]);
  assert.equal(checkStrength(good), good);
  for (const wrong of [grid(2, 1, [0]), grid(0, 1, []), grid(1.5, 2, [0, 0, 0])]) {
    assert.throws(() => checkStrength(wrong), /^RangeError: .*it must have one value a cell/);
  }
  for (const value of [-0.1, 1.1, NaN]) {
    assert.throws(() => checkStrength(grid(1, 1, [value])), /^RangeError: .*it must be from 0 to 1/);
  }
});
