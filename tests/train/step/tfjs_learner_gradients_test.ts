import assert from "node:assert/strict";
import type * as tfjs from "@tensorflow/tfjs-core";
import { FLOW_CELL, type Preset } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import type { Ops } from "../../../src/model/network/ops.ts";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";
import { type TensorFlow, tfjsOps } from "../../../src/model/tfjs/tfjs_ops.ts";
import { type TrainConfig, trainConfig } from "../../../src/train/config.ts";
import { LOSSES } from "../../../src/train/settings.ts";
import { FlatWeights } from "../../../src/train/step/flat_weights.ts";
import { multiScaleLoss } from "../../../src/train/step/loss.ts";
import { TfjsLearner } from "../../../src/train/step/tfjs_learner.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { OP_CASES, type OpCase, sizeOf, valuesOffZero } from "../../helpers/op_cases.ts";
import { randomBatch, randomState, takeSteps } from "../../helpers/random_step.ts";

/** Checks every derivative of Σ r · f(x), with r random, against (f(x + ε) − f(x − ε)) / 2ε. */
async function checkCase(tf: TensorFlow, { name, inputs, weights = {}, apply }: OpCase) {
  const names = [...inputs.map((_, i) => `input ${i}`), ...Object.keys(weights)];
  const shapes = [...inputs, ...Object.values(weights)];
  const data = shapes.map((shape, i) => valuesOffZero(sizeOf(shape), name, names[i] ?? ""));
  const f = (...tensors: tfjs.Tensor[]) =>
    tf.tidy(() => {
      const ops = tfjsOps(tf, new Map(names.map((name, i) => [name, tensors[i] as tfjs.Tensor])));
      const y = apply(ops, tensors.slice(0, inputs.length) as tfjs.Tensor4D[]);
      return tf.sum(tf.mul(y, tf.tensor(valuesOffZero(y.size, name, "r"), y.shape))) as tfjs.Scalar;
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
function frozenEnlarging(
  ops: Ops<tfjs.Tensor4D>,
  enlarged: tfjs.Tensor4D[],
  isFirst: boolean,
): Ops<tfjs.Tensor4D> {
  let next = 0;
  return {
    ...ops,
    enlarge(x, times) {
      if (isFirst) enlarged.push(ops.enlarge(x, times));
      return enlarged[next++] ?? assert.fail("the network enlarges as often as before");
    },
  };
}

/** Checks the derivative of the whole loss in two directions of every tensor: along its gradient, and a random one. */
async function checkLoss(tf: TensorFlow, preset: Preset, loss: TrainConfig["loss"]) {
  // Without memory Adam's first moment is the gradient.
  const adam = { beta1: 0, beta2: 0.999, epsilon: 1e-8 };
  const config = { ...trainConfig(preset), batch: 1, loss, adam };
  const [state, batch] = [randomState(config), randomBatch(config)];
  const specs = describeNetwork(config.network).tensors;
  const layout = new FlatWeights(specs);
  using learner = new TfjsLearner(tf, config);
  const taken = await takeSteps(tf, learner, state, batch, { stepSize: 0, decay: 0, count: 1 });
  const value = taken.results[0]?.loss ?? NaN;
  const [values, gradientOf] = [layout.unpack(state.weights), layout.unpack(taken.rows.m)];
  const variables = new Map(specs.map(({ name, shape }) => {
    return [name, tf.variable(tf.tensor(values.get(name) ?? assert.fail(name), [...shape]), true, name)];
  }));

  const enlarged: tfjs.Tensor4D[] = [];
  const pictures = (data: Float32Array) => tf.tensor4d(data, [1, config.crop, config.crop, 3]);
  const [blurry, sharp] = [pictures(batch.blurry), pictures(batch.sharp)];
  const cells = config.crop / FLOW_CELL;
  const neighbours = batch.neighbours.map(({ moved, flow }) => ({
    moved: pictures(moved),
    flow: tf.tensor4d(flow, [1, cells, cells, 2]),
  }));
  const lossAt = async (isFirst = false) => {
    const ops = frozenEnlarging(tfjsOps(tf, variables), enlarged, isFirst);
    const images = mtdn(ops, config.network, blurry, neighbours).map(({ image }) => image);
    return (await multiScaleLoss(tf, config, images, { blurry, sharp }).data())[0] ?? NaN;
  };
  assert.ok(Math.abs(await lossAt(true) - value) < 1e-5 * value);
  assert.equal(enlarged.length, config.network.frames); // the coarser picture, and the flow of each neighbour

  for (const [name, variable] of variables) {
    const gradient = gradientOf.get(name) ?? assert.fail(`${name} has no gradient`);
    const norm = Math.hypot(...gradient);
    assert.ok(norm > 0, name);
    const sign = valuesOffZero(gradient.length, name).map((v) => Math.sign(v) / Math.sqrt(gradient.length));
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
  for (const item of OP_CASES) {
    Deno.test(
      `${device}: the gradient of ${item.name} is the limit of differences${why}`,
      options,
      async () => {
        await checkCase(await loadTensorFlow(device), item);
      },
    );
  }

  Deno.test(`${device}: enlarge carries no gradient${why}`, options, async () => {
    const tf = await loadTensorFlow(device);
    const x = tf.tensor4d(valuesOffZero(12, "enlarge"), [1, 2, 3, 2]);
    const enlarged = (x: tfjs.Tensor) => tf.sum(tfjsOps(tf, new Map()).enlarge(x as tfjs.Tensor4D, 2));
    const derivative = tf.grad((x) => tf.add(enlarged(x), tf.sum(x)))(x);
    assert.deepEqual([...await derivative.data()], new Array(12).fill(1));
    // Nothing leads back, so that nothing is computed that would be thrown away.
    assert.throws(() => tf.grad(enlarged)(x), /Cannot compute gradient/);
  });

  const networks = [
    ...LOSSES.map((loss) => ["smoke", loss] as const),
    ["smoke-video", "relative"] as const,
  ];
  for (const [preset, loss] of networks) {
    const name =
      `${device}: the gradient of the whole network, ${preset}, ${loss} loss, is the limit of differences${why}`;
    Deno.test(name, options, async () => {
      const tf = await loadTensorFlow(device);
      await checkLoss(tf, preset, loss);
      tf.disposeVariables();
    });
  }
}
