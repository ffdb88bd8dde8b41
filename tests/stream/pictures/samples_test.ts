import assert from "node:assert/strict";
import fc from "fast-check";
import { fromRgb, toRgb } from "../../../src/stream/pictures/samples.ts";

Deno.test("toRgb: one to four channels become RGB, and opacity where there is one", () => {
  assert.deepEqual(toRgb(Uint8Array.of(7, 9), 1), { data: Uint8Array.of(7, 7, 7, 9, 9, 9) });
  assert.deepEqual(toRgb(Uint8Array.of(7, 200, 9, 100), 2), {
    data: Uint8Array.of(7, 7, 7, 9, 9, 9),
    alpha: Uint8Array.of(200, 100),
  });
  assert.deepEqual(toRgb(Uint8Array.of(1, 2, 3), 3), { data: Uint8Array.of(1, 2, 3) });
  assert.deepEqual(toRgb(Uint16Array.of(1, 2, 3, 4000), 4), {
    data: Uint16Array.of(1, 2, 3),
    alpha: Uint16Array.of(4000),
  });
});

Deno.test("fromRgb: takes back what toRgb gave; opaque where no opacity is given; grey is the luma of colours", () => {
  const channels = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(
      channels,
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      fc.boolean(),
      (channels, bytes, deep) => {
        const pixels = Math.ceil(bytes.length / channels);
        const samples = Array.from({ length: pixels * channels }, (_, i) => bytes[i % bytes.length] ?? 0);
        const stored = deep ? Uint16Array.from(samples, (value) => value * 257) : Uint8Array.from(samples);
        const { data, alpha } = toRgb(stored.slice(), channels);
        assert.deepEqual(fromRgb(data, alpha, channels), stored);
      },
    ),
  );
  assert.deepEqual(fromRgb(Uint8Array.of(1, 2, 3), undefined, 4), Uint8Array.of(1, 2, 3, 255));
  assert.deepEqual(fromRgb(Uint16Array.of(5, 5, 5), undefined, 2), Uint16Array.of(5, 65535));
  assert.deepEqual(
    fromRgb(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255), undefined, 1),
    Uint8Array.of(54, 182, 18),
  );
});
