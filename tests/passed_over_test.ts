import assert from "node:assert/strict";
import { PassedOver } from "../src/passed_over.ts";

Deno.test("PassedOver: says how many of each kind, in one line, and nothing of none", () => {
  const passedOver = new PassedOver();
  assert.equal(passedOver.describe(), "");
  passedOver.add("link", 0);
  assert.equal(passedOver.describe(), "");
  passedOver.add("result");
  passedOver.add("hidden");
  const below = new PassedOver();
  below.add("hidden", 2);
  passedOver.include(below);
  assert.equal(passedOver.describe(), "Not listed: 3 hidden files and folders, 1 result of an earlier run");
});
