/**
 * Times a training step: operation by operation through TensorFlow.js, and as one TensorFlow graph in float32 and in bfloat16. Prints the shortest
 * time of several steps, crops per second, GFLOP/s (two operations per multiply-accumulate, three times the forward pass), and the share of
 * convolutions according to oneDNN, from another run in which one operation is computed at a time.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi --allow-run bench/train_step.ts
 *     [--preset fast-video] [--batch 8] [--crop 128] [--steps 10] [--only float32|bfloat16|tfjs]
 */
import { execFile } from "node:child_process";
import { argv, env, execPath, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { FLOW_CELL, isPreset, type Preset } from "../src/model/network/config.ts";
import { describeNetwork } from "../src/model/network/count_ops.ts";
import type { TensorFlow } from "../src/model/tfjs/tfjs_ops.ts";
import type { Batch } from "../src/train/batch/batch.ts";
import { type TrainConfig, trainConfig } from "../src/train/config.ts";
import { GraphLearner } from "../src/train/graph/graph_learner.ts";
import { createRandom } from "../src/train/random.ts";
import { FlatWeights } from "../src/train/step/flat_weights.ts";
import { initialWeights } from "../src/train/run/initial_weights.ts";
import type { Learner, TrainingState } from "../src/train/step/learner.ts";
import { TfjsLearner } from "../src/train/step/tfjs_learner.ts";
import { loadTensorFlow } from "../src/train/tensorflow/tensorflow.ts";

const KINDS = ["tfjs", "float32", "bfloat16"] as const;
type Kind = typeof KINDS[number];

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    preset: { type: "string", default: "fast-video" },
    batch: { type: "string" },
    crop: { type: "string" },
    steps: { type: "string", default: "10" },
    only: { type: "string" },
  },
});
if (!isPreset(values.preset)) throw new TypeError(`There is no preset "${values.preset}"`);
const preset: Preset = values.preset;
const base = trainConfig(preset);
const config: TrainConfig = {
  ...base,
  batch: Number(values.batch ?? base.batch),
  crop: Number(values.crop ?? base.crop),
};
const steps = Number(values.steps);

function batchOfNoise({ batch, crop, network }: TrainConfig): Batch {
  const random = createRandom("bench");
  const noise = (length: number) => Float32Array.from({ length }, random);
  const pictures = () => noise(3 * batch * crop ** 2);
  return {
    blurry: pictures(),
    sharp: pictures(),
    neighbours: Array.from({ length: network.frames - 1 }, () => ({
      moved: pictures(),
      flow: noise(2 * batch * (crop / FLOW_CELL) ** 2),
    })),
  };
}

async function learnerOf(tf: TensorFlow, kind: Kind): Promise<Learner> {
  return kind === "tfjs" ? new TfjsLearner(tf, config) : await GraphLearner.open(tf, config, kind);
}

/** Shortest time of a step of each kind, in milliseconds, timed in turn, because other work on the machine slows down all of them alike. */
async function timeSteps(kinds: readonly Kind[]): Promise<Map<Kind, number>> {
  const tf = await loadTensorFlow("tensorflow");
  const { tensors } = describeNetwork(config.network);
  const row = new FlatWeights(tensors).pack(initialWeights(tensors, config, 1), "weights");
  const zeros = () => tf.zeros([row.length]);
  let state: TrainingState = { weights: tf.tensor1d(row), average: tf.tensor1d(row), m: zeros(), v: zeros() };
  using opened = new DisposableStack();
  const learners = new Map<Kind, Learner>();
  for (const kind of kinds) learners.set(kind, opened.use(await learnerOf(tf, kind)));
  const batch = batchOfNoise(config);
  const least = new Map(kinds.map((kind) => [kind, Infinity]));
  for (let i = 0; i < steps; i++) {
    for (const [kind, learner] of learners) {
      const begun = performance.now();
      const { state: next } = await learner.step(state, batch, { stepSize: 1e-6, decay: 0.9 });
      least.set(kind, Math.min(least.get(kind) ?? Infinity, performance.now() - begun));
      tf.dispose({ ...state });
      state = next;
    }
  }
  tf.dispose({ ...state });
  return least;
}

/** Milliseconds of a step in convolutions, according to oneDNN, and of the whole step. */
async function profile(kind: Kind): Promise<{ convolutions: number; whole: number }> {
  const permissions = ["read", "write", "env", "sys", "ffi", "run"].map((name) => `--allow-${name}`);
  const args = ["--preset", preset, "--batch", `${config.batch}`, "--crop", `${config.crop}`];
  const { stdout: said } = await promisify(execFile)(
    execPath,
    [
      "run",
      "--quiet",
      ...permissions,
      fileURLToPath(import.meta.url),
      ...args,
      "--steps",
      "5",
      "--only",
      kind,
    ],
    { env: { ...env, ONEDNN_VERBOSE: "1", TF_NUM_INTEROP_THREADS: "1" }, maxBuffer: 1e9 },
  );
  // onednn_verbose,v1,primitive,exec,cpu,convolution,...,MILLISECONDS
  const times = said.split("\n").filter((line) => /,exec,cpu,(?:de)?convolution,/.test(line))
    .map((line) => Number(line.slice(line.lastIndexOf(",") + 1)));
  const each = times.length / 5; // every step computes the same ones
  const sums = Array.from(
    { length: 5 },
    (_, i) => times.slice(i * each, (i + 1) * each).reduce((sum, time) => sum + time, 0),
  );
  return { convolutions: Math.min(...sums), whole: Number(/LEAST (\S+)/.exec(said)?.[1]) };
}

if (values.only !== undefined) {
  const kind = KINDS.find((kind) => kind === values.only);
  if (kind === undefined) {
    throw new TypeError(`There is no kind of step "${values.only}". Use ${KINDS.join(", ")}`);
  }
  stdout.write(`LEAST ${(await timeSteps([kind])).get(kind)}\n`);
} else {
  const { macsPerPixel } = describeNetwork(config.network);
  const flops = 6 * macsPerPixel * config.batch * config.crop ** 2;
  stdout.write(`Preset ${preset}, ${config.batch} crops of ${config.crop} x ${config.crop}

| step                       | ms    | crops per second | GFLOP/s | convolutions |
| -------------------------- | ----- | -------------- | ------- | ------------ |
`);
  for (const [kind, ms] of await timeSteps(KINDS)) {
    const { convolutions, whole } = await profile(kind);
    const name = kind === "tfjs" ? "op by op, float32" : `one graph, ${kind}`;
    const cells = [
      name.padEnd(26),
      ms.toFixed(0).padEnd(5),
      (1000 * config.batch / ms).toFixed(1).padEnd(14),
      (flops / ms / 1e6).toFixed(0).padEnd(7),
      `${(100 * convolutions / whole).toFixed(0)} %`.padEnd(12),
    ];
    stdout.write(`| ${cells.join(" | ")} |\n`);
  }
}
