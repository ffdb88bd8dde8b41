import assert from "node:assert/strict";
import { type NetworkConfig, PRESETS } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import { type TensorFlow, tfjsOps } from "../../../src/model/tfjs/tfjs_ops.ts";
import type { TensorData } from "../../../src/model/weights/safetensors.ts";
import { trainConfig } from "../../../src/train/config.ts";
import { canGrow, growWeights } from "../../../src/train/run/grow_weights.ts";
import { initialWeights } from "../../../src/train/run/initial_weights.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { randomWeights } from "../../helpers/random_weights.ts";
import { randomRow } from "../../helpers/random_step.ts";

const { smoke } = PRESETS;
const { tensors } = randomWeights(smoke);

function grown(
  to: NetworkConfig,
  from: NetworkConfig = smoke,
  given: ReadonlyMap<string, TensorData> = tensors,
) {
  const fresh = initialWeights(describeNetwork(to).tensors, { ...trainConfig("smoke"), network: to }, 1);
  return growWeights(given, from, to, fresh);
}

/** All pictures of a network of noise, which neighbours differ from and move against. */
async function restored(
  tf: TensorFlow,
  config: NetworkConfig,
  weights: ReadonlyMap<string, Float32Array>,
  lacksNeighbours = false,
): Promise<Float32Array[]> {
  const pictures = tf.tidy(() => {
    const shapes = new Map(describeNetwork(config).tensors.map(({ name, shape }) => [name, shape]));
    const ops = tfjsOps(
      tf,
      new Map([...weights].map(([name, data]) => [name, tf.tensor(data, [...shapes.get(name) ?? []])])),
    );
    const picture = (key: string) => tf.tensor4d(randomRow(32 * 32 * 3, key), [1, 32, 32, 3]);
    const neighbours = ["previous", "next"].slice(0, config.frames - 1).map((key) => ({
      moved: picture(lacksNeighbours ? "blurry" : key),
      flow: tf.tensor4d(randomRow(8, key).map((value) => lacksNeighbours ? 0 : 30 * value), [1, 2, 2, 2]),
    }));
    return mtdn(ops, config, picture("blurry"), neighbours).flatMap(({ image, up, down }) => [
      image,
      up,
      down ?? image,
    ]);
  });
  const values = await Promise.all(pictures.map(async (tensor) => Float32Array.from(await tensor.data())));
  tf.dispose(pictures);
  return values;
}

for (
  const [what, changes] of [
    ["neighbouring frames", { frames: 3 }],
    ["more residual blocks", { residualBlocks: 3 }],
    ["both", { frames: 3, residualBlocks: 2 }],
    ["nothing", {}],
  ] as const
) {
  Deno.test(`growWeights: a network that grew ${what} computes what the small one did`, async () => {
    const tf = await loadTensorFlow("javascript");
    const to: NetworkConfig = { ...smoke, ...changes };
    const weights = grown(to) ?? assert.fail("it grows");
    assert.deepEqual([...weights.keys()], describeNetwork(to).tensors.map(({ name }) => name));
    const values = new Map([...tensors].map(([name, { data }]) => [name, data]));
    assert.deepEqual(await restored(tf, to, weights), await restored(tf, smoke, values));
  });
}

Deno.test("growWeights: a network of one frame made from one of three computes what that does without neighbours", async () => {
  const tf = await loadTensorFlow("javascript");
  const video: NetworkConfig = { ...smoke, frames: 3 };
  const { tensors: given } = randomWeights(video);
  const weights = grown(smoke, video, given) ?? assert.fail("it fits");
  assert.deepEqual([...weights.keys()], describeNetwork(smoke).tensors.map(({ name }) => name));
  const values = new Map([...given].map(([name, { data }]) => [name, data]));
  const [alone, withoutNeighbours] = [
    await restored(tf, smoke, weights),
    await restored(tf, video, values, true),
  ];
  alone.forEach((picture, i) =>
    picture.forEach((value, k) => assert.ok(Math.abs(value - (withoutNeighbours[i]?.[k] ?? NaN)) < 1e-5))
  );
});

Deno.test("growWeights: what is new can learn: only the second convolution of a new residual block is zero", () => {
  const weights = grown({ ...smoke, residualBlocks: 2 }) ?? assert.fail("it grows");
  const block = (name: string) => weights.get(`encoder.0.residual.1.${name}`) ?? assert.fail(name);
  assert.ok(block("first.weight").some((value) => value !== 0));
  for (const part of ["weight", "bias"]) assert.ok(block(`second.${part}`).every((value) => value === 0));
});

Deno.test("growWeights copies: what is done to the grown weights is not done to the small ones", () => {
  const weights = grown(smoke) ?? assert.fail("it grows");
  const name = "encoder.0.conv.bias";
  weights.get(name)?.fill(9);
  assert.ok(tensors.get(name)?.data.every((value) => value !== 9));
});

Deno.test("growWeights and canGrow refuse networks that differ otherwise, or are smaller", () => {
  const larger: NetworkConfig = { ...smoke, frames: 3, residualBlocks: 2 };
  assert.equal(canGrow(smoke, larger), true);
  const others: readonly Partial<NetworkConfig>[] = [
    { channels: [12, 17] },
    { strides: [2, 2] },
    { scales: 3 },
    { twoWay: false },
    { inputSkip: false },
    { residualBlocks: 0 },
  ];
  for (const other of others) {
    assert.equal(canGrow(smoke, { ...smoke, ...other }), false, JSON.stringify(other));
    assert.equal(grown({ ...smoke, ...other }), undefined);
  }
  assert.equal(canGrow({ ...smoke, residualBlocks: 2 }, smoke), false, "it would have to forget");
  // The order in which a config was written is none of its properties.
  const reversed = Object.fromEntries(Object.entries(smoke).reverse()) as unknown as NetworkConfig;
  assert.equal(canGrow(reversed, larger), true);
});

Deno.test("growWeights does not make up what the small network's weights lack", () => {
  const lacking = new Map(tensors);
  lacking.delete("up.0.deconv.bias");
  const weights = grown({ ...smoke, frames: 3 }, smoke, lacking) ?? assert.fail("it grows");
  assert.equal(weights.has("up.0.deconv.bias"), false);
});
