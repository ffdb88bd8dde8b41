import assert from "node:assert/strict";
import { createRandom, normal } from "../../src/train/random.ts";

Deno.test("createRandom gives the same numbers for the same keys, in every process", () => {
  const random = createRandom(7, "batch", 3);
  const again = createRandom(7, "batch", 3);
  const numbers = Array.from({ length: 4 }, random);
  assert.deepEqual(numbers, Array.from({ length: 4 }, again));
  assert.deepEqual(numbers.map((number) => Math.floor(number * 2 ** 32)), [
    1606098087,
    2155087334,
    1807441812,
    3587016046,
  ]);
});

Deno.test("createRandom gives other numbers for other keys, whichever key differs and however the text is cut", () => {
  const keys = [[1, 2], [2, 1], [12], ["12"], [1, "2"], ["1", "2"], ["1,2"], [1, 2, 0], [1, 2.5]];
  const firsts = keys.map((key) => createRandom(...key)());
  assert.equal(new Set(firsts).size, keys.length);
});

Deno.test("createRandom fills 0 to 1 evenly", () => {
  const random = createRandom("even");
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < 20_000; i++) {
    const bin = Math.floor(random() * 10);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  for (const bin of bins) assert.ok(Math.abs(bin - 2000) < 200, `bin of ${bin}`);
});

Deno.test("normal has mean 0 and deviation 1", () => {
  const random = createRandom("bell");
  const numbers = Array.from({ length: 20_000 }, () => normal(random));
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const variance = numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length;
  assert.ok(Math.abs(mean) < 0.03, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 0.05, `variance ${variance}`);
});
