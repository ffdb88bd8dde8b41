import assert from "node:assert/strict";
import { type NetworkConfig, PRESETS } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";

const TWO_LEVELS: NetworkConfig = {
  channels: [2, 3],
  strides: [1, 2],
  residualBlocks: 1,
  scales: 1,
  frames: 1,
  twoWay: true,
  inputSkip: false,
};

Deno.test("describeNetwork: tensors and counts of a small network, by hand", () => {
  const { tensors, parameters, macsPerPixel } = describeNetwork(TWO_LEVELS);
  const kernels = {
    "encoder.0.conv": [3, 3, 6, 2],
    "encoder.0.residual.0.first": [3, 3, 2, 2],
    "encoder.0.residual.0.second": [3, 3, 2, 2],
    "encoder.1.conv": [3, 3, 2, 3],
    "encoder.1.residual.0.first": [3, 3, 3, 3],
    "encoder.1.residual.0.second": [3, 3, 3, 3],
    "up.1.deconv": [4, 4, 2, 3],
    "up.1.residual.0.first": [3, 3, 2, 2],
    "up.1.residual.0.second": [3, 3, 2, 2],
    "up.0.conv": [3, 3, 2, 3],
    "down.1.deconv": [4, 4, 2, 3],
    "down.1.residual.0.first": [3, 3, 2, 2],
    "down.1.residual.0.second": [3, 3, 2, 2],
    "down.0.conv": [3, 3, 2, 3],
  };
  const outs = [2, 2, 2, 3, 3, 3, 2, 2, 2, 3, 2, 2, 2, 3];
  assert.deepEqual(
    tensors,
    Object.entries(kernels).flatMap(([name, shape], i) => [
      { name: `${name}.weight`, shape },
      { name: `${name}.bias`, shape: [outs[i]] },
    ]),
  );
  // Encoder 108 + 36 + 36 + 54 + 81 + 81 = 396; each decoder 96 + 36 + 36 + 54 = 222; biases 33.
  assert.equal(parameters, 396 + 2 * 222 + 33);
  // At full size 180, at a quarter of the pixels 54 + 81 + 81 = 216; each decoder 96 / 4 + 36 + 36 + 54 = 150.
  assert.equal(macsPerPixel, 180 + 216 / 4 + 2 * 150);
});

Deno.test("describeNetwork: scales share their weights and add a quarter of the work each", () => {
  const one = describeNetwork(TWO_LEVELS);
  const three = describeNetwork({ ...TWO_LEVELS, scales: 3 });
  assert.deepEqual(three.tensors, one.tensors);
  assert.equal(three.macsPerPixel, one.macsPerPixel * (1 + 1 / 4 + 1 / 16));
});

Deno.test("describeNetwork: one way leaves out the down branch and nothing else", () => {
  const both = describeNetwork(PRESETS.paper);
  const single = describeNetwork(PRESETS["paper-single"]);
  assert.deepEqual(single.tensors, both.tensors.filter(({ name }) => !name.startsWith("down.")));
});
