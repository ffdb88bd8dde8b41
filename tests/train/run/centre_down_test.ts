import assert from "node:assert/strict";
import { PRESETS } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { mtdn, type ScaleOutput } from "../../../src/model/network/network.ts";
import { type TensorFlow, tfjsOps } from "../../../src/model/tfjs/tfjs_ops.ts";
import type { NetworkConfig } from "../../../src/model/network/config.ts";
import { centreDown } from "../../../src/train/run/centre_down.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { randomRow } from "../../helpers/random_step.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

const SIDE = 32;
const batch = {
  blurry: randomRow(2 * SIDE * SIDE * 3, "blurry"),
  sharp: randomRow(2 * SIDE * SIDE * 3, "sharp"),
  neighbours: [],
};

/** Means of the finest *up*, *down* and their sum over the batch, by channel. */
async function means(tf: TensorFlow, network: NetworkConfig, weights: ReadonlyMap<string, Float32Array>) {
  const made = tf.tidy(() => {
    const tensors = describeNetwork(network).tensors.map(({ name, shape }) =>
      [name, tf.tensor(weights.get(name) ?? [], [...shape])] as const
    );
    const blurry = tf.tensor4d(batch.blurry, [2, SIDE, SIDE, 3]);
    const { up, down, image } = mtdn(tfjsOps(tf, new Map(tensors)), network, blurry).at(-1) as ScaleOutput<
      typeof blurry
    >;
    return [up, down ?? tf.zerosLike(up), image].map((picture) => tf.mean(picture, [0, 1, 2]));
  });
  const read = await Promise.all(made.map((mean) => mean.data()));
  tf.dispose(made);
  return read.map((mean) => Array.from(mean));
}

function near(actual: readonly number[] | undefined, expected: readonly number[]): void {
  expected.forEach((value, i) =>
    assert.ok(Math.abs((actual?.[i] ?? NaN) - value) < 1e-4, `${actual}, not ${expected}`)
  );
}

Deno.test("centreDown gives what down adds everywhere to up, and leaves their sum", async () => {
  const tf = await loadTensorFlow("javascript");
  const { smoke } = PRESETS;
  const weights = new Map(Array.from(randomWeights(smoke).tensors, ([name, { data }]) => [name, data]));
  const [up = [], down = [], image = []] = await means(tf, smoke, weights);
  assert.ok(down.every((mean) => Math.abs(mean) > 1e-3), "random weights do not balance");
  const centred = await centreDown(tf, { network: smoke, batch: 2, crop: SIDE }, weights, batch);
  const [upAfter, downAfter, imageAfter] = await means(tf, smoke, centred);
  near(downAfter, [0, 0, 0]);
  near(upAfter, up.map((mean, i) => mean + (down[i] ?? NaN)));
  near(imageAfter, image);
});

Deno.test("centreDown leaves a network without down as it is", async () => {
  const network = { ...PRESETS.smoke, twoWay: false };
  const weights = new Map(Array.from(randomWeights(network).tensors, ([name, { data }]) => [name, data]));
  assert.equal(
    await centreDown(await loadTensorFlow("javascript"), { network, batch: 2, crop: SIDE }, weights, batch),
    weights,
  );
});
