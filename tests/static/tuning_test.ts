import assert from "node:assert/strict";
import { Tuning } from "../../static/tuning.js";
import { SETTINGS } from "../helpers/preview/fake_server.ts";

function tuningOf(): Tuning {
  const tuning = new Tuning();
  tuning.begin(SETTINGS);
  return tuning;
}

Deno.test("Tuning: what is changed counts at once, before the server has answered", () => {
  const tuning = tuningOf();
  tuning.ask({ type: "settings", detail: 2, region: null });
  assert.deepEqual([tuning.now.detail, tuning.known.detail], [2, 1]);
  tuning.answer({ ...SETTINGS, detail: 2 });
  assert.deepEqual([tuning.now.detail, tuning.known.detail], [2, 2]);
  assert.deepEqual(Object.keys(tuning.now), ["preset", "device", "detail", "everywhere", "range", "crop"]);
});

Deno.test("Tuning: an older answer takes no newer change back, and answers may come in another order", () => {
  const tuning = tuningOf();
  tuning.ask({ type: "settings", preset: "paper" }); // takes a while: an engine is loaded
  tuning.ask({ type: "settings", detail: 2 });
  tuning.ask({ type: "settings", detail: 3 });
  tuning.answer({ ...SETTINGS, detail: 2 });
  tuning.answer({ ...SETTINGS, detail: 3 });
  assert.deepEqual([tuning.now.preset, tuning.now.detail], ["paper", 3]);
  tuning.answer({ ...SETTINGS, preset: "fast", detail: 3 });
  assert.equal(tuning.now.preset, "fast", "the server did not take it");
});

Deno.test("Tuning: what was asked of a connection that was lost is not waited for", () => {
  const tuning = tuningOf();
  tuning.ask({ type: "settings", detail: 2 });
  tuning.begin(SETTINGS);
  assert.equal(tuning.now.detail, 1);
  tuning.ask({ type: "settings", detail: 3 });
  tuning.answer({ ...SETTINGS, detail: 2.5 });
  assert.equal(tuning.now.detail, 2.5);
});
