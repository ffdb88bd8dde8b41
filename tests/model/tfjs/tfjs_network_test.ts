import assert from "node:assert/strict";
import * as core from "@tensorflow/tfjs-core";
import { loadTfjsNetwork } from "../../../src/model/tfjs/tfjs_network.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

let held = 0;
for (const frames of [1, 3] as const) {
  Deno.test(`loadTfjsNetwork holds as many tensors after 50 pictures as after the first: ${frames} frames`, async () => {
    const channels = { channels: [4, 6], strides: [4, 2], residualBlocks: 1 };
    const { config, tensors } = randomWeights({
      ...channels,
      scales: 2,
      frames,
      twoWay: true,
      inputSkip: true,
    });
    const limits = { threads: 1, memoryBudget: 2 ** 28, allowSoftware: true };
    const network = await loadTfjsNetwork({ device: "wasm", config, tensors, ...limits });
    const picture = { data: Uint8Array.from({ length: 3 * 32 * 16 }, (_, i) => i), width: 32, height: 16 };
    const flow = { columns: 2, rows: 1, vectors: Float32Array.of(1, 2, 3, 4) };
    const neighbours = Array.from({ length: frames - 1 }, () => ({ moved: picture, flow }));
    const counts: number[] = [];
    for (let frame = 0; frame < 50; frame++) {
      const { image } = await network.run({ picture, neighbours }, {
        detail: 1,
        branches: frame % 2 === 0,
      });
      assert.equal(image.data.length, picture.data.length);
      counts.push(core.memory().numTensors);
    }
    assert.equal(counts[0], held + tensors.size);
    assert.deepEqual(new Set(counts).size, 1);
    held += tensors.size;
  });
}
