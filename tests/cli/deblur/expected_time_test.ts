import assert from "node:assert/strict";
import { expectedTime } from "../../../src/cli/deblur/expected_time.ts";
import { brighten, fakeEngine } from "../../helpers/fake_engine.ts";
import { memorySource, ramp } from "../../helpers/memory_media.ts";

const engine = (perPixel: number) => ({
  ...fakeEngine(brighten(0)),
  findings: { notes: [], seconds: { perRun: 0.5, perPixel } },
});

Deno.test("expectedTime: seconds or minutes a frame, and all of them where their number is known", () => {
  const info = { ...memorySource(ramp(3)).info, width: 100, height: 50 };
  assert.equal(expectedTime(engine(1e-4), { ...info, frames: 3 }), "expect about 1.0 s a frame, 0:03 in all");
  const { frames: _, ...live } = info;
  assert.equal(expectedTime(engine(0.1), live), "expect about 8.3 min a frame");
  assert.equal(expectedTime(fakeEngine(brighten(0)), info), undefined);
});
