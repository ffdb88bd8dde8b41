import assert from "node:assert/strict";
import { sideBySide } from "../src/side_by_side.ts";

/** Two rows of one pixel. */
function column(top: number, bottom: number) {
  return { data: Uint8Array.of(top, top, top, bottom, bottom, bottom), width: 1, height: 2 };
}

Deno.test("sideBySide: rows are joined from left to right", () => {
  const joined = sideBySide([column(1, 2), column(3, 4), column(5, 6)]);
  assert.deepEqual([joined.width, joined.height], [3, 2]);
  assert.deepEqual([...joined.data], [1, 1, 1, 3, 3, 3, 5, 5, 5, 2, 2, 2, 4, 4, 4, 6, 6, 6]);
});

Deno.test("sideBySide: 16 bits stay 16 bits", () => {
  const deep = { data: Uint16Array.of(1000, 2000, 65535), width: 1, height: 1 };
  const joined = sideBySide([deep, deep]);
  assert.deepEqual(joined, {
    data: Uint16Array.of(1000, 2000, 65535, 1000, 2000, 65535),
    width: 2,
    height: 1,
  });
});

Deno.test("sideBySide: refuses none, another size and another depth", () => {
  assert.throws(() => sideBySide([]), RangeError);
  const wide = { data: new Uint8Array(12), width: 2, height: 2 };
  assert.throws(() => sideBySide([column(1, 2), wide]), /Cannot join a picture of 2x2 to one of 1x2/);
  const deep = { data: new Uint16Array(6), width: 1, height: 2 };
  assert.throws(() => sideBySide([column(1, 2), deep]), RangeError);
});
