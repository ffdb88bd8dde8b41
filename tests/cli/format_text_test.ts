import assert from "node:assert/strict";
import { clock, counted, textTable } from "../../src/cli/format_text.ts";

Deno.test("counted: one is one", () => {
  assert.deepEqual([0, 1, 2].map((count) => counted(count, "pair")), ["0 pairs", "1 pair", "2 pairs"]);
});

for (
  const [seconds, text] of [
    [0, "0:00"],
    [59.4, "0:59"],
    [59.6, "1:00"],
    [3599.9, "1:00:00"],
    [36061, "10:01:01"],
    [-1, "0:00"],
    [NaN, "?"],
    [Infinity, "?"],
    [undefined, "?"],
  ] as const
) {
  Deno.test(`clock: ${seconds} s is ${text}`, () => assert.equal(clock(seconds), text));
}

Deno.test("textTable: the first column to the left, the others to the right", () => {
  const rows = [["Name", "PSNR"], ["a long name", "30.1"], ["b", "8.25"]];
  assert.equal(textTable(rows), "Name         PSNR\na long name  30.1\nb            8.25\n");
  assert.equal(textTable([]), "");
});
