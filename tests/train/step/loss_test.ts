import assert from "node:assert/strict";
import { trainConfig } from "../../../src/train/config.ts";
import { LOSSES } from "../../../src/train/settings.ts";
import { multiScaleLoss } from "../../../src/train/step/loss.ts";
import { createRandom } from "../../../src/train/random.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { tfjsOps } from "../../../src/model/tfjs/tfjs_ops.ts";

const { scaleWeights } = trainConfig("paper");

for (const loss of LOSSES) {
  Deno.test(`multiScaleLoss ${loss} of perfect pictures is 0 at every scale, reduced as the network reduces its input`, async () => {
    const tf = await loadTensorFlow("javascript");
    const random = createRandom(1, "loss");
    const sharp = tf.tensor4d(Float32Array.from({ length: 2 * 16 * 16 * 3 }, () => random()), [2, 16, 16, 3]);
    const { halve } = tfjsOps(tf, new Map());
    const images = [halve(halve(sharp)), halve(sharp), sharp];
    const pair = { sharp, blurry: tf.add(sharp, 0.05) as typeof sharp };
    assert.equal(multiScaleLoss(tf, { loss, scaleWeights }, images, pair).dataSync()[0], 0);
    for (const scale of [0, 1, 2]) {
      const changed = images.map((image, i) => i === scale ? tf.add(image, 0.1) as typeof image : image);
      assert.ok((multiScaleLoss(tf, { loss, scaleWeights }, changed, pair).dataSync()[0] ?? 0) > 0);
    }
  });
}

Deno.test("multiScaleLoss weighs Σ αᵢ / Tᵢ ‖Fᵢ − Iᵢ‖²: the same error in every pixel counts 3 channels × α at each scale", async () => {
  const tf = await loadTensorFlow("javascript");
  const sharp = tf.zeros([1, 8, 8, 3]) as ReturnType<typeof tf.tensor4d>;
  const flat = (side: number, value: number) => tf.fill([1, side, side, 3], value) as typeof sharp;
  const loss = (values: readonly number[]) =>
    multiScaleLoss(
      tf,
      { loss: "squared", scaleWeights },
      values.map((value, i) => flat(2 << i, value)),
      { sharp, blurry: sharp },
    ).dataSync()[0] ?? NaN;
  const near = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}`);
  near(loss([0.1, 0, 0]), 1 * 3 * 0.01);
  near(loss([0, 0.1, 0]), 1 * 3 * 0.01);
  near(loss([0, 0, 0.1]), 5 * 3 * 0.01);
  near(loss([0.1, 0.2, 0.3]), 3 * (0.01 + 0.04 + 5 * 0.09));
});

Deno.test("multiScaleLoss relative is Σ αᵢ for handing the blurry pictures back, however strong their blur", async () => {
  const tf = await loadTensorFlow("javascript");
  const sharp = tf.zeros([2, 8, 8, 3]) as ReturnType<typeof tf.tensor4d>;
  const blurry = tf.concat([tf.fill([1, 8, 8, 3], 0.9), tf.fill([1, 8, 8, 3], 0.6)]) as typeof sharp;
  const { halve } = tfjsOps(tf, new Map());
  const loss = multiScaleLoss(
    tf,
    { loss: "relative", scaleWeights },
    [halve(halve(blurry)), halve(blurry), blurry],
    { blurry, sharp },
  ).dataSync()[0] ?? NaN;
  assert.ok(Math.abs(loss - 7) < 0.03, `${loss}`);
});
