import assert from "node:assert/strict";
import { estimateJob } from "../src/estimate_job.ts";
import { PRESETS } from "../src/model/network/config.ts";
import { describeNetwork } from "../src/model/network/count_ops.ts";
import { brighten, engineOf, fakeEngine } from "./helpers/fake_engine.ts";
import { flatFrame, memorySource, ramp } from "./helpers/memory_media.ts";

const config = PRESETS.smoke;

Deno.test("estimateJob: restores the first three frames only, and counts the work of one", async () => {
  const source = memorySource(ramp(100), { frames: 100 });
  let runs = 0;
  const engine = fakeEngine((picture) => {
    runs++;
    return brighten(1)(picture);
  });
  const estimate = await estimateJob(source, engine, { config });
  assert.equal(runs, 3);
  assert.ok(source.produced < 10);
  assert.equal(estimate.macsPerFrame, describeNetwork(config).macsPerPixel * 8);
  assert.equal(estimate.seconds, 100 * estimate.secondsPerFrame);
  assert.ok(estimate.leastMemory > 1e6);
});

Deno.test("estimateJob: of large frames a part is measured; of large picture files none is decoded", async () => {
  for (const kind of ["video", "picture"] as const) {
    const [width, height] = [4000, 3000];
    const source = memorySource((i) => i < 9 ? flatFrame(i, i, width, height) : undefined, { frames: 9 });
    const seen: string[] = [];
    const engine = fakeEngine((picture) => {
      seen.push(`${picture.width}x${picture.height}`);
      return picture;
    });
    const large = Object.assign(source, { info: { ...source.info, kind, width, height, frames: 9 } });
    const { seconds = 0, secondsPerFrame } = await estimateJob(large, engine, { config, memory: 2 ** 31 });
    assert.deepEqual(seen, ["512x512", "512x512", "512x512"]);
    assert.equal(seconds, 9 * secondsPerFrame);
    // A stream has one frame ready that nobody asked for.
    assert.ok(large.produced <= (kind === "video" ? 2 : 1), `${large.produced} frames`);
  }
});

Deno.test("estimateJob: where one picture takes long, no more are measured", async () => {
  let [runs, clock] = [0, 0];
  const engine = fakeEngine((picture) => {
    runs++;
    clock += 5000;
    return picture;
  });
  const { secondsPerFrame } = await estimateJob(memorySource(ramp(9)), engine, { config, now: () => clock });
  assert.deepEqual([runs, secondsPerFrame], [1, 5]);
});

Deno.test("estimateJob: counts the time in which a frame is fused with those beside it, where a job fuses", async () => {
  for (
    const [frames, branches, isFused] of [[3, false, true], [3, true, false], [1, false, false]] as const
  ) {
    let clock = 0;
    const alone = fakeEngine((picture) => {
      const { data, width, height } = brighten(9)(picture);
      // Whoever looks at the result takes time.
      return {
        get data() {
          clock += 1000;
          return data;
        },
        width,
        height,
      };
    });
    const estimate = await estimateJob(memorySource(ramp(9)), { ...alone, frames }, {
      config,
      branches,
      now: () => clock,
    });
    assert.equal(estimate.secondsPerFrame > 0, isFused, `${frames} frames`);
  }
});

Deno.test("estimateJob: without a number of frames there is no time for all of them", async () => {
  const estimate = await estimateJob(memorySource(ramp(2)), fakeEngine(brighten(1)), { config });
  assert.equal("seconds" in estimate, false);
  assert.ok(estimate.secondsPerFrame > 0);
});

Deno.test("estimateJob: a source without a frame fails as the job would, with the damage if there is some", async () => {
  const engine = fakeEngine(brighten(1));
  await assert.rejects(estimateJob(memorySource(ramp(0)), engine, { config }), {
    name: "MediaError",
    message: "memory: There is no frame in it",
  });
  const damaged = memorySource(ramp(0), { damage: "The file is cut off" });
  await assert.rejects(estimateJob(damaged, engine, { config }), /memory: The file is cut off/);
});

Deno.test("estimateJob: aborting ends it at once", async () => {
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const stuck = engineOf(() => {
    queueMicrotask(() => controller.abort(reason));
    return new Promise(() => {});
  });
  const options = { config, signal: controller.signal };
  await assert.rejects(estimateJob(memorySource(ramp(9)), stuck, options), reason);
});
