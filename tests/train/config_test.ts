import assert from "node:assert/strict";
import { isPreset, PRESETS } from "../../src/model/network/config.ts";
import { learningRate, trainConfig, validateTrainConfig } from "../../src/train/config.ts";

Deno.test("learningRate of the paper is rate · (1 − progress)^0.3, and 0 at the end", () => {
  const config = trainConfig("paper");
  assert.equal(learningRate(config, 0), 1e-4);
  assert.ok(Math.abs(learningRate(config, 0.5) - 1e-4 * 0.5 ** 0.3) < 1e-12);
  assert.equal(learningRate(config, 1), 0);
  assert.equal(learningRate(config, 1.2), 0);
});

Deno.test("learningRate of a cosine warms up over 2 %, is half in the middle and 0 at the end", () => {
  const config = { ...trainConfig("fast"), rate: 1 };
  assert.ok(learningRate(config, 0) > 0 && learningRate(config, 0) < 0.02);
  const warm = Array.from({ length: 20 }, (_, i) => learningRate(config, i / 1000));
  assert.ok(warm.every((rate, i) => i === 0 || rate > (warm[i - 1] ?? 1)));
  assert.ok(Math.abs(learningRate(config, 0.02) - 1) < 0.002);
  assert.ok(Math.abs(learningRate(config, 0.5) - 0.5) < 1e-12);
  assert.equal(learningRate(config, 1), 0);
});

Deno.test("trainConfig of every preset is usable, and paper is the paper's", () => {
  for (const preset of Object.keys(PRESETS).filter(isPreset)) {
    assert.deepEqual(validateTrainConfig(trainConfig(preset)).network, PRESETS[preset]);
  }
  const { crop, scaleWeights, rate, loss, adam, steps, batch } = trainConfig("paper");
  assert.deepEqual({ crop, scaleWeights, rate, loss, adam }, {
    crop: 256,
    scaleWeights: [1, 1, 5],
    rate: 1e-4,
    loss: "squared",
    adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  });
  assert.equal(steps, 4000 * Math.ceil(2103 / batch));
});

for (
  const [change, message] of [
    [{ crop: 100 }, /^Invalid value 100 for crop: expected a multiple of 32/],
    [{ batch: 0 }, /^Invalid value 0 for batch: expected a whole number of at least 1/],
    [{ steps: 1.5 }, /1\.5 for steps/],
    [{ scaleWeights: [1, 5] }, /\[1,5\] for scaleWeights: expected 3 numbers/],
    [{ rate: -1 }, /-1 for rate: expected a number above 0/],
    [{ pairShare: 2 }, /2 for pairShare: expected a share/],
    [{ averageDecay: 1 }, /1 for averageDecay/],
  ] as const
) {
  Deno.test(`validateTrainConfig refuses ${JSON.stringify(change)}`, () => {
    assert.throws(() => validateTrainConfig({ ...trainConfig("fast"), ...change }), {
      name: "RangeError", // an OptionError
      message,
    });
  });
}
