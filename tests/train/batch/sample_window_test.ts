import assert from "node:assert/strict";
import fc from "fast-check";
import { sampleWindow } from "../../../src/train/batch/sample_window.ts";

const configs = fc.record({
  batch: fc.integer({ min: 1, max: 16 }),
  sampleUses: fc.integer({ min: 1, max: 24 }),
});

/** Steps that a sample is there for, once there are as many as there are ever. */
function lifetime(sampleUses: number): number {
  return 128 * sampleUses;
}

Deno.test("sampleWindow only moves forward, and always holds enough to choose from", () => {
  fc.assert(fc.property(configs, fc.nat({ max: 1_000_000 }), (config, step) => {
    const [here, next] = [sampleWindow(config, step), sampleWindow(config, step + 1)];
    assert.ok(next.begin >= here.begin && next.end >= here.end);
    assert.ok(here.begin >= 0 && Number.isInteger(here.begin) && Number.isInteger(here.end));
    const held = here.end - here.begin;
    assert.ok(held >= 16 * config.batch && held <= 128 * config.batch, `${held}`);
  }));
});

Deno.test("sampleWindow begins with few samples, so that the first step does not wait for all of them", () => {
  assert.deepEqual(sampleWindow({ batch: 8, sampleUses: 16 }, 0), { begin: 0, end: 128 });
});

Deno.test("sampleWindow has each sample used sampleUses times, and the first ones no more than 2.2 times as often", () => {
  fc.assert(
    fc.property(configs, fc.double({ min: 0, max: 1, noNaN: true }), (config, where) => {
      const { batch, sampleUses } = config;
      const steps = 3 * lifetime(sampleUses);
      const last = sampleWindow(config, steps).begin - 1; // the last one that is gone by then
      /** How often a sample is drawn, on average, while it is there. */
      const uses = (index: number) => {
        let sum = 0;
        for (let step = 0; step <= steps; step++) {
          const { begin, end } = sampleWindow(config, step);
          if (begin <= index && index < end) sum += batch / (end - begin);
        }
        return sum;
      };
      const early = uses(Math.floor(where * 112 * batch));
      assert.ok(
        early > 0.95 * sampleUses && early < 2.2 * sampleUses,
        `an early one: ${early} of ${sampleUses}`,
      );
      const late = uses(Math.round(128 * batch + where * (last - 128 * batch)));
      assert.ok(Math.abs(late / sampleUses - 1) < 0.02, `a later one: ${late} of ${sampleUses}`);
    }),
    { numRuns: 30 },
  );
});
