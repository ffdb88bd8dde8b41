import assert from "node:assert/strict";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { trainConfig } from "../../../src/train/config.ts";
import { initialWeights } from "../../../src/train/run/initial_weights.ts";

for (const preset of ["smoke", "smoke-video"] as const) {
  Deno.test(`initialWeights of ${preset}: the first layer answers nothing to an even grey that stands still`, () => {
    const config = trainConfig(preset);
    const { tensors } = describeNetwork(config.network);
    const weights = initialWeights(tensors, config, 1);
    const kernel = weights.get("encoder.0.conv.weight") ?? assert.fail("there is a first layer");
    const bias = weights.get("encoder.0.conv.bias") ?? assert.fail("it has a bias");
    const inputs = tensors[0]?.shape[2] ?? NaN;
    assert.equal(inputs, preset === "smoke" ? 6 : 16);
    const answers = Float64Array.from(bias);
    kernel.forEach((value, i) => {
      // The blurry picture and the coarser result are grey; what the neighbours show differently, and their motion, is zero.
      const isGrey = Math.floor(i / bias.length) % inputs < 6;
      if (isGrey) answers[i % bias.length] = (answers[i % bias.length] ?? NaN) + value / 2;
    });
    assert.ok(answers.every((value) => Math.abs(value) < 1e-5), `${answers}`);
    assert.ok(bias.some((value) => Math.abs(value) > 0.01));
  });
}

Deno.test("initialWeights are decided by network and seed, and return the input at first", () => {
  const config = trainConfig("smoke-video");
  const { tensors } = describeNetwork(config.network);
  const weights = initialWeights(tensors, config, 1);
  assert.deepEqual(initialWeights(tensors, config, 1), weights);
  assert.notDeepEqual(initialWeights(tensors, config, 2), weights);
  for (const branch of ["up", "down"]) {
    for (const part of ["weight", "bias"]) {
      const last = weights.get(`${branch}.0.deconv.${part}`) ?? assert.fail(`${branch} has a last layer`);
      assert.ok(last.every((value) => value === 0));
    }
  }
});
