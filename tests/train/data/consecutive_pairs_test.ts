import assert from "node:assert/strict";
import { isNextPair } from "../../../src/train/data/consecutive_pairs.ts";

const pair = (name: string) => ({ name, blurry: "", sharp: "" });

Deno.test("isNextPair: the number at the end is one larger, and all before it the same", () => {
  for (
    const [before, now] of [["S/1", "S/2"], ["S/09", "S/10"], ["S/x000099", "S/x000100"], ["7", "8"]] as const
  ) {
    assert.ok(isNextPair(pair(now), pair(before)), now);
    assert.ok(!isNextPair(pair(before), pair(now)), before);
    assert.ok(!isNextPair(pair(now), pair(now)));
  }
  for (
    const [before, now] of [["S/1", "T/2"], ["S/1", "S/3"], ["S/a", "S/b"], ["S/1a", "S/2a"], [
      "S/1",
      "S/x2",
    ]] as const
  ) {
    assert.ok(!isNextPair(pair(now), pair(before)), now);
  }
  assert.ok(!isNextPair(undefined, undefined) && !isNextPair(pair("1"), undefined));
});
