import assert from "node:assert/strict";
import { trainConfig } from "../../../src/train/config.ts";
import { chooseParts, stepBytes } from "../../../src/train/graph/choose_parts.ts";

const paper = trainConfig("paper");

Deno.test("stepBytes grows with crops, their area, and precision", () => {
  const of = (crops: number, crop = 128) =>
    stepBytes({ ...paper, crop }, "float32", crops) - stepBytes(paper, "float32", 0);
  assert.equal(of(6), 3 * of(2));
  assert.equal(of(2, 256), 4 * of(2, 128));
  assert.ok(stepBytes(paper, "bfloat16", 2) < stepBytes(paper, "float32", 2));
  assert.ok(
    stepBytes(trainConfig("fast-video"), "float32", 8) > stepBytes(trainConfig("fast"), "float32", 8),
  );
});

Deno.test("chooseParts takes the fewest equal parts that memory holds", () => {
  const holding = (crops: number) => stepBytes(paper, "bfloat16", crops);
  assert.equal(paper.batch, 10);
  for (
    const [crops, parts] of [[100, 1], [10, 1], [9, 2], [5, 2], [4, 5], [2, 5], [1, 10], [0.5, 10]] as const
  ) {
    assert.equal(chooseParts(paper, "bfloat16", holding(crops)), parts, `memory for ${crops} crops`);
  }
  assert.equal(chooseParts({ ...paper, batch: 7 }, "bfloat16", holding(6)), 7);
  assert.equal(chooseParts({ ...paper, batch: 1 }, "bfloat16", 0), 1);
});

Deno.test("chooseParts computes the paper's batch at once in 12 GB", () => {
  for (const precision of ["float32", "bfloat16"] as const) {
    assert.equal(chooseParts(paper, precision, 6e9), 1);
  }
});
