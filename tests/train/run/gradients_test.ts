import assert from "node:assert/strict";
import type * as tfjs from "@tensorflow/tfjs-core";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import type { Ops } from "../../../src/model/network/ops.ts";
import { type TensorFlow, tfjsOps } from "../../../src/model/tfjs/tfjs_ops.ts";
import { LOSSES, type TrainConfig, trainConfig } from "../../../src/train/config.ts";
import { multiScaleLoss } from "../../../src/train/run/loss.ts";
import { createRandom } from "../../../src/train/random.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";
import { trainStep } from "../../../src/train/run/train_step.ts";
import { FlatWeights } from "../../../src/train/run/flat_weights.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

type Shape = readonly [number, number, number, number];

/** Values in ±1, none so near 0 that a small change makes it cross ReLU's corner. */
function values(count: number, ...keys: string[]): Float32Array {
  const random = createRandom(5, ...keys);
  return Float32Array.from({ length: count }, () => (0.1 + 0.9 * random()) * (random() < 0.5 ? -1 : 1));
}

const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

interface Case {
  readonly name: string;
  readonly inputs: readonly Shape[];
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  readonly apply: (ops: Ops<tfjs.Tensor4D>, inputs: readonly tfjs.Tensor4D[]) => tfjs.Tensor4D;
}

const first = (inputs: readonly tfjs.Tensor4D[]) => inputs[0] ?? assert.fail("there is an input");
const second = (inputs: readonly tfjs.Tensor4D[]) => inputs[1] ?? assert.fail("there are two inputs");

function convolution(kernel: number, stride: number): Case {
  return {
    name: `conv ${kernel} / ${stride}`,
    inputs: [[1, 8, 4, 2]],
    weights: { "a.weight": [kernel, kernel, 2, 3], "a.bias": [3] },
    apply: (ops, inputs) => ops.conv(first(inputs), "a", { inChannels: 2, outChannels: 3, kernel, stride }),
  };
}

function transposed(kernel: number, stride: number): Case {
  return {
    name: `deconv ${kernel} / ${stride}`,
    inputs: [[1, 3, 2, 2]],
    weights: { "a.weight": [kernel, kernel, 3, 2], "a.bias": [3] },
    apply: (ops, inputs) => ops.deconv(first(inputs), "a", { inChannels: 2, outChannels: 3, kernel, stride }),
  };
}

const CASES: readonly Case[] = [
  convolution(3, 1),
  convolution(3, 2),
  convolution(7, 4),
  transposed(4, 2),
  transposed(8, 4),
  { name: "relu", inputs: [[1, 3, 3, 2]], apply: (ops, x) => ops.relu(first(x)) },
  { name: "add", inputs: [[1, 3, 3, 2], [1, 3, 3, 2]], apply: (ops, x) => ops.add(first(x), second(x)) },
  {
    name: "concat",
    inputs: [[1, 3, 3, 2], [1, 3, 3, 1]],
    apply: (ops, x) => ops.concat([first(x), second(x)]),
  },
  { name: "scale", inputs: [[1, 3, 3, 2]], apply: (ops, x) => ops.scale(first(x), -0.7) },
  { name: "halve", inputs: [[1, 4, 6, 2]], apply: (ops, x) => ops.halve(first(x)) },
];

/** Checks every derivative of Σ r · f(x), with r random, against (f(x + ε) − f(x − ε)) / 2ε. */
async function checkCase(tf: TensorFlow, { name, inputs, weights = {}, apply }: Case) {
  const names = [...inputs.map((_, i) => `input ${i}`), ...Object.keys(weights)];
  const shapes = [...inputs, ...Object.values(weights)];
  const data = shapes.map((shape, i) => values(size(shape), name, names[i] ?? ""));
  const f = (...tensors: tfjs.Tensor[]) =>
    tf.tidy(() => {
      const ops = tfjsOps(tf, new Map(names.map((name, i) => [name, tensors[i] as tfjs.Tensor])));
      const y = apply(ops, tensors.slice(0, inputs.length) as tfjs.Tensor4D[]);
      return tf.sum(tf.mul(y, tf.tensor(values(y.size, name, "r"), y.shape))) as tfjs.Scalar;
    });
  const tensors = (changed: readonly Float32Array[]) =>
    changed.map((d, i) => tf.tensor(d, [...shapes[i] ?? []]));
  const derivatives = tf.grads(f)(tensors(data));
  for (const [i, derivative] of derivatives.entries()) {
    const found = await derivative.data();
    for (let j = 0; j < found.length; j++) {
      const at = async (by: number) => {
        const changed = data.map((d, k) => k === i ? d.map((value, l) => l === j ? value + by : value) : d);
        return (await f(...tensors(changed)).data())[0] ?? NaN;
      };
      const expected = (await at(0.05) - await at(-0.05)) / 0.1;
      const actual = found[j] ?? NaN;
      assert.ok(Math.abs(actual - expected) < 1e-3, `${names[i]}[${j}]: ${actual}, not ${expected}`);
    }
  }
}

/** `enlarge` as it came out before: no gradient flows through it, so that differences must not either. */
function frozenDoubles(
  ops: Ops<tfjs.Tensor4D>,
  doubles: tfjs.Tensor4D[],
  isFirst: boolean,
): Ops<tfjs.Tensor4D> {
  let next = 0;
  return {
    ...ops,
    enlarge(x, times) {
      if (isFirst) doubles.push(ops.enlarge(x, times));
      return doubles[next++] ?? assert.fail("the network enlarges as often as before");
    },
  };
}

/** Checks the derivative of the whole loss in two directions of every tensor: along its gradient, and a random one. */
async function checkLoss(tf: TensorFlow, loss: TrainConfig["loss"]) {
  const config = { ...trainConfig("smoke"), batch: 1, loss };
  const weights = randomWeights(config.network).tensors;
  const pixels = (key: string) => values(config.crop ** 2 * 3, key).map(Math.abs);
  const batch = { blurry: Float32Array.from(pixels("blurry")), sharp: Float32Array.from(pixels("sharp")) };
  const specs = describeNetwork(config.network).tensors;
  const variables = new Map(specs.map(({ name }) => {
    const { data, shape } = weights.get(name) ?? assert.fail(name);
    return [name, tf.variable(tf.tensor(data, [...shape]), true, name)];
  }));
  const layout = new FlatWeights(specs);
  const data = new Map([...weights].map(([name, { data }]) => [name, data]));
  const row = tf.variable(tf.tensor1d(layout.pack(data, "weights")));
  const { gradient: gradients, loss: value } = await trainStep(tf, config, { row, layout }, batch);
  const gradientOf = layout.unpack(await gradients.data<"float32">());

  const doubles: tfjs.Tensor4D[] = [];
  const shape: Shape = [1, config.crop, config.crop, 3];
  const [blurry, sharp] = [tf.tensor4d(batch.blurry, [...shape]), tf.tensor4d(batch.sharp, [...shape])];
  const lossAt = async (isFirst = false) => {
    const ops = frozenDoubles(tfjsOps(tf, variables), doubles, isFirst);
    const images = mtdn(ops, config.network, blurry).map(({ image }) => image);
    return (await multiScaleLoss(tf, config, images, { blurry, sharp }).data())[0] ?? NaN;
  };
  assert.ok(Math.abs(await lossAt(true) - value) < 1e-5 * value);
  assert.equal(doubles.length, 1);

  for (const [name, variable] of variables) {
    const gradient = gradientOf.get(name) ?? assert.fail(`${name} has no gradient`);
    const norm = Math.hypot(...gradient);
    assert.ok(norm > 0, name);
    const sign = values(gradient.length, name).map((v) => Math.sign(v) / Math.sqrt(gradient.length));
    for (const direction of [gradient.map((g) => g / norm), sign]) {
      const before = variable.clone();
      const moved = async (by: number) => {
        const step = tf.tensor(direction.map((d) => by * d), variable.shape);
        variable.assign(tf.add(before, step) as tfjs.Tensor<tfjs.Rank>);
        return await lossAt();
      };
      const expected = (await moved(0.003) - await moved(-0.003)) / 0.006;
      variable.assign(before as tfjs.Tensor<tfjs.Rank>);
      const actual = gradient.reduce((sum, g, i) => sum + g * (direction[i] ?? NaN), 0);
      const within = 0.02 * norm + 2e-4 * value;
      assert.ok(Math.abs(actual - expected) < within, `${name}: ${actual}, not ${expected}`);
    }
  }
}

for (const device of ["javascript", "tensorflow"] as const) {
  const isThere = device !== "tensorflow" || isNativeTensorFlowBuilt();
  const options = {
    ignore: !isThere,
    sanitizeResources: device !== "tensorflow", // the binding stays loaded
  };
  const why = isThere ? "" : " (native TensorFlow is not built)";
  for (const item of CASES) {
    Deno.test(
      `${device}: the gradient of ${item.name} is the limit of differences${why}`,
      options,
      async () => {
        await checkCase(await loadTensorFlow(device), item);
      },
    );
  }

  Deno.test(`${device}: double carries no gradient${why}`, options, async () => {
    const tf = await loadTensorFlow(device);
    const x = tf.tensor4d(values(12, "double"), [1, 2, 3, 2]);
    const doubled = (x: tfjs.Tensor) => tf.sum(tfjsOps(tf, new Map()).enlarge(x as tfjs.Tensor4D, 2));
    const derivative = tf.grad((x) => tf.add(doubled(x), tf.sum(x)))(x);
    assert.deepEqual([...await derivative.data()], new Array(12).fill(1));
    // Nothing leads back, so that nothing is computed that would be thrown away.
    assert.throws(() => tf.grad(doubled)(x), /Cannot compute gradient/);
  });

  for (const loss of LOSSES) {
    const name =
      `${device}: the gradient of the whole smoke network, ${loss} loss, is the limit of differences${why}`;
    Deno.test(name, options, async () => {
      const tf = await loadTensorFlow(device);
      await checkLoss(tf, loss);
      tf.disposeVariables();
    });
  }
}
