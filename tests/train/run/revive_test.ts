import assert from "node:assert/strict";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import { tfjsOps } from "../../../src/model/tfjs/tfjs_ops.ts";
import { type Checkpoint, writeCheckpoint } from "../../../src/train/run/checkpoint.ts";
import type { TrainConfig } from "../../../src/train/config.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { initialWeights } from "../../../src/train/run/initial_weights.ts";
import { createRandom } from "../../../src/train/random.ts";
import { reviveUnits } from "../../../src/train/run/revive.ts";
import { type StepMetrics, train } from "../../../src/train/run/train.ts";
import { TINY, trainingFolder } from "../../helpers/tiny_training.ts";

const { tensors: SPECS } = describeNetwork(TINY.network);
const SHAPES = new Map(SPECS.map(({ name, shape }) => [name, shape]));
const INNER = "encoder.1.residual.0.first";
const OUTER = "up.1.deconv";

/** Random weights of which the units `dead` (layer and number) never open, and have had no gradient for long. */
function runWith(dead: readonly (readonly [string, number])[]): Checkpoint {
  const values = (key: string) =>
    new Map(SPECS.map(({ name, shape }) => {
      const random = createRandom(key, name);
      const length = shape.reduce((product, side) => product * side, 1);
      return [name, Float32Array.from({ length }, () => 0.2 * random() - 0.1)];
    }));
  const [weights, average, m, v] = [values("w"), values("w"), values("m"), values("v")];
  const moments = new Map(SPECS.map(({ name }) => {
    const [first = new Float32Array(), second = new Float32Array()] = [m.get(name), v.get(name)];
    return [name, { m: first, v: second.map((value) => value ** 2 + 1e-3) }];
  }));
  for (const [layer, unit] of dead) {
    for (const values of [weights, average]) values.get(`${layer}.bias`)?.fill(-100, unit, unit + 1);
    moments.get(`${layer}.bias`)?.v.fill(1e-9, unit, unit + 1);
  }
  return {
    config: { ...TINY, reviveEvery: 2 },
    seed: 1,
    step: 0,
    crops: 0,
    seconds: 0,
    weights,
    average,
    moments,
  };
}

/** Names of the tensors that differ, each with the indices, along every axis, of what differs in it. */
function differences(a: Checkpoint, b: Checkpoint) {
  const found = new Map<string, number[][]>();
  for (const [name, shape] of SHAPES) {
    const axes = shape.map(() => new Set<number>());
    a.weights.get(name)?.forEach((value, i) => {
      if (value === b.weights.get(name)?.[i]) return;
      let rest = i;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        axes[axis]?.add(rest % (shape[axis] ?? 1));
        rest = Math.floor(rest / (shape[axis] ?? 1));
      }
    });
    if (axes.some(({ size }) => size > 0)) found.set(name, axes.map((axis) => [...axis].sort()));
  }
  return found;
}

function restored({ config, weights }: Checkpoint): Float32Array {
  return tf.tidy(() => {
    const tensors = new Map(
      [...weights].map(([name, data]) => [name, tf.tensor(data, [...SHAPES.get(name) ?? []])]),
    );
    const random = createRandom("picture");
    const picture = Float32Array.from({ length: 32 * 32 * 3 }, random);
    return mtdn(tfjsOps(tf, tensors), config.network, tf.tensor4d(picture, [1, 32, 32, 3])).at(-1)?.image
      .dataSync<"float32">() ?? new Float32Array();
  });
}

Deno.test("reviveUnits leaves a run without dead units as it is", () => {
  const before = runWith([]);
  assert.deepEqual(reviveUnits(before), { run: before, revived: 0 });
});

Deno.test("reviveUnits starts a unit inside a residual block again without changing what the network computes", async () => {
  await tf.setBackend("cpu");
  const before = runWith([[INNER, 2]]);
  const { run: after, revived } = reviveUnits(before);
  assert.equal(revived, 1);
  const changed = differences(before, after);
  assert.deepEqual([...changed.keys()], [
    `${INNER}.weight`,
    `${INNER}.bias`,
    "encoder.1.residual.0.second.weight",
  ]);
  assert.deepEqual(changed.get(`${INNER}.weight`)?.[3], [2]);
  assert.deepEqual(changed.get("encoder.1.residual.0.second.weight")?.[2], [2]);
  const initial = initialWeights(SPECS, after.config, after.seed).get(`${INNER}.weight`);
  for (const values of [after.weights, after.average]) {
    assert.equal(values.get(`${INNER}.weight`)?.[2], initial?.[2]);
    assert.equal(values.get(`${INNER}.bias`)?.[2], 0);
  }
  assert.deepEqual([after.moments.get(`${INNER}.bias`)?.v[2], after.moments.get(`${INNER}.weight`)?.m[2]], [
    0,
    0,
  ]);
  assert.notEqual(after.moments.get(`${INNER}.weight`)?.m[1], 0);
  const [expected, found] = [restored(before), restored(after)];
  assert.ok(expected.length === 32 * 32 * 3 && expected.some((value) => value !== expected[0]));
  expected.forEach((value, i) => assert.ok(Math.abs(value - (found[i] ?? NaN)) < 1e-6, `${i}`));
});

Deno.test("reviveUnits starts a unit whose channel others write to as well with a tenth of its initial weights", () => {
  const before = runWith([[OUTER, 1], ["encoder.0.conv", 3]]);
  const { run: after, revived } = reviveUnits(before);
  assert.equal(revived, 2);
  const changed = differences(before, after);
  const names = ["encoder.0.conv.weight", "encoder.0.conv.bias", `${OUTER}.weight`, `${OUTER}.bias`];
  assert.deepEqual([...changed.keys()], names);
  assert.deepEqual(changed.get(`${OUTER}.weight`)?.[2], [1]);
  const initial = initialWeights(SPECS, after.config, after.seed).get("encoder.0.conv.weight");
  assert.ok((initial?.[3] ?? 0) !== 0);
  assert.equal(after.weights.get("encoder.0.conv.weight")?.[3], Math.fround(0.1 * (initial?.[3] ?? 0)));
});

Deno.test("train starts dead units again every reviveEvery steps, but not near its end", async () => {
  await using data = await trainingFolder();
  const options = {
    data: { pairs: await listPairs(join(data.path, "pairs")), photos: [] },
    directory: join(data.path, "run"),
    device: "javascript",
    resume: true,
  } as const;
  const told: [number, number][] = [];
  const onStep = ({ step, revived }: StepMetrics) => revived !== undefined && told.push([step, revived]);
  const biasAfter = async (config: Partial<TrainConfig>) => {
    const start = runWith([[INNER, 2]]);
    await writeCheckpoint(options.directory, start);
    const { weights } = await train({ ...start.config, rate: 1e-6, batch: 1, ...config }, {
      ...options,
      onStep,
    });
    return weights.get(`${INNER}.bias`)?.[2] ?? NaN;
  };
  const revived = await biasAfter({ reviveEvery: 2, steps: 4 });
  assert.ok(revived !== 0 && Math.abs(revived) < 1e-3, `${revived}`); // young, and learning
  assert.equal(Math.round(await biasAfter({ reviveEvery: 0, steps: 4 })), -100);
  assert.equal(Math.round(await biasAfter({ reviveEvery: 4, steps: 4 })), -100);
  assert.deepEqual(told, [[3, 1]]);
});
