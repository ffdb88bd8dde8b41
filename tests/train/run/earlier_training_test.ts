import assert from "node:assert/strict";
import { earlierTraining } from "../../../src/train/run/earlier_training.ts";

Deno.test("earlierTraining takes totals, or the counts of a run that began with random weights", () => {
  const run = { steps: "60", crops: "240" };
  assert.deepEqual(earlierTraining(run), { steps: 60, crops: 240 });
  const totals = { totalSteps: "100", totalCrops: "380" };
  assert.deepEqual(earlierTraining({ ...run, ...totals, init: "5a" }), { steps: 100, crops: 380 });
});

Deno.test("earlierTraining is undefined if weights record nothing, or only the last of their runs", () => {
  assert.equal(earlierTraining({}), undefined);
  assert.equal(earlierTraining({ steps: "60" }), undefined);
  assert.equal(earlierTraining({ steps: "60", crops: "many" }), undefined);
  assert.equal(earlierTraining({ steps: "60", crops: "240", init: "5a" }), undefined);
});
