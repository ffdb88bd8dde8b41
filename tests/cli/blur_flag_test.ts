import assert from "node:assert/strict";
import { BLUR_MEANING, blurFlag } from "../../src/cli/blur_flag.ts";

Deno.test("blurFlag: the folders of a dataset that have a meaning", () => {
  assert.equal(blurFlag(undefined), undefined);
  for (const kind of Object.keys(BLUR_MEANING)) assert.equal(blurFlag(kind), kind);
  assert.throws(() => blurFlag("sharp"), /Invalid value "sharp" for --blur: expected blur or blur_gamma/);
});
