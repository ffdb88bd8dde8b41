import assert from "node:assert/strict";
import { counted } from "../../src/cli/counted.ts";

Deno.test("counted: one is one", () => {
  assert.deepEqual([0, 1, 2].map((count) => counted(count, "pair")), ["0 pairs", "1 pair", "2 pairs"]);
});
