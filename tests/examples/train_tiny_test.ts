import assert from "node:assert/strict";
import { join } from "node:path";
import { trainTiny } from "../../examples/train_tiny.ts";
import { openEngine } from "../../src/model/engine/open_engine.ts";
import { trainingFolder } from "../helpers/tiny_training.ts";

Deno.test("examples/train_tiny.ts leaves weights that an engine runs", async () => {
  await using data = await trainingFolder();
  const weights = await trainTiny(data.path, join(data.path, "run"), 3);
  await using engine = await openEngine({ weights, device: "cpu" });
  const { image, input } = await engine.run({
    data: new Uint8Array(3 * 32 * 32).fill(99),
    width: 32,
    height: 32,
  });
  assert.equal(image.data.length, input.data.length);
});
