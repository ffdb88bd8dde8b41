import assert from "node:assert/strict";
import { createRandom } from "../../../src/train/random.ts";
import { randomColours, TRUE_COLOURS } from "../../../src/train/batch/recolour.ts";

Deno.test("randomColours keeps means of bytes means, within black and white, with less contrast", () => {
  const random = createRandom("colours");
  const orders = new Set<string>();
  const contrasts: number[] = [];
  for (let i = 0; i < 200; i++) {
    const { order, tables } = randomColours(random);
    orders.add(order.join());
    for (const table of tables) {
      const at = (byte: number) => table[byte] ?? NaN;
      assert.ok(at(0) >= 0 && at(255) <= 1 + 1e-6);
      assert.ok(Math.abs((at(20) + at(70) + at(150)) / 3 - at(80)) < 1e-6);
      contrasts.push(at(255) - at(0));
    }
  }
  assert.equal(orders.size, 6);
  assert.ok(Math.min(...contrasts) > 0.59 && Math.min(...contrasts) < 0.65);
  assert.ok(Math.max(...contrasts) <= 1 && Math.max(...contrasts) > 0.95);
});

Deno.test("TRUE_COLOURS are bytes over 255", () => {
  assert.deepEqual(TRUE_COLOURS.order, [0, 1, 2]);
  for (const table of TRUE_COLOURS.tables) {
    assert.deepEqual(table, Float32Array.from({ length: 256 }, (_, byte) => byte / 255));
  }
});
