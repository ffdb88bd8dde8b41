import assert from "node:assert/strict";
import { PRESETS } from "../../../src/model/network/config.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

const weights = randomWeights(PRESETS.smoke);

Deno.test("WorkerEngine: options that cannot be sent fail their run, keep the picture, and leave the next run alone", async () => {
  await using engine = await openEngine({ weights, device: "cpu" });
  const data = new Uint8Array(3 * 16 * 16);
  const picture = { data, width: 16, height: 16 };
  // @ts-expect-error: what JavaScript may hand on
  await assert.rejects(engine.run(picture, { branches: () => true }), /branches/);
  assert.equal(data.length, 3 * 16 * 16);
  const { image } = await engine.run(picture);
  assert.deepEqual([image.width, image.height], [16, 16]);
});
