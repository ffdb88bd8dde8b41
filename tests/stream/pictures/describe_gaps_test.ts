import assert from "node:assert/strict";
import { describeGaps } from "../../../src/stream/pictures/describe_gaps.ts";

Deno.test("describeGaps: numbers that are missing, and between which pictures; none of a whole sequence", () => {
  assert.deepEqual(describeGaps(["f9.png", "f10.png", "f11.png"]), []);
  assert.deepEqual(describeGaps(["a-0001.png"]), []);
  assert.deepEqual(describeGaps(["cover.png", "front.png"]), []);
  assert.deepEqual(describeGaps(["0001.png", "0004.png", "0005.jpg", "0007.jpg"]), [
    "3 numbers of the sequence are missing: 2 between 0001.png and 0004.png, 1 between 0005.jpg and 0007.jpg",
  ]);
  const odd = Array.from({ length: 8 }, (_, i) => `${2 * i}.png`);
  assert.match(
    describeGaps(odd).join(),
    /^7 numbers .*, 1 between 8\.png and 10\.png, and more in 2 other places$/,
  );
});
