/**
 * Compares two-way and one-way networks, the claim of the paper's Table 1: both are trained for the same number of steps on the same batches, from the
 * same initial values of shared layers, for several seeds.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi bench/ablation.ts --data DIR [--data DIR]... --validate DIR
 *     [--preset fast] [--steps 400] [--seeds 3] [--batch 2] [--crop 128] [--rate N] [--device tensorflow] [--precision auto]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { Preset } from "../src/model/network/config.ts";
import { describeNetwork } from "../src/model/network/count_ops.ts";
import {
  findTrainingData,
  listPairs,
  type PairFiles,
  PRECISIONS,
  train,
  TRAIN_DEVICES,
  type TrainConfig,
  trainConfig,
  type TrainDevice,
  type TrainingData,
  validate,
} from "../src/train/mod.ts";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    data: { type: "string", multiple: true, default: [] },
    validate: { type: "string", default: "" },
    preset: { type: "string", default: "fast" },
    steps: { type: "string", default: "400" },
    seeds: { type: "string", default: "3" },
    batch: { type: "string", default: "2" },
    crop: { type: "string", default: "128" },
    rate: { type: "string" },
    device: { type: "string", default: "tensorflow" },
    precision: { type: "string", default: "auto" },
  },
});

interface Outcome {
  /** Mean gain in PSNR over the blurry pictures, in dB. */
  readonly gain: number;
  /** Loss divided by that of the unchanged blurry pictures, over the last quarter of the steps. */
  readonly ratio: number;
  readonly seconds: number;
}

const PAIRS_OF_PRESETS: Readonly<Record<string, readonly [Preset, Preset]>> = {
  fast: ["fast", "fast-single"],
  paper: ["paper", "paper-single"],
};

function deviceOf(name: string): TrainDevice {
  const device = (Object.keys(TRAIN_DEVICES) as TrainDevice[]).find((device) => device === name);
  if (device === undefined) throw new TypeError(`Cannot train on "${name}"`);
  return device;
}

function precisionOf(name: string): typeof PRECISIONS[number] {
  const precision = PRECISIONS.find((precision) => precision === name);
  if (precision === undefined) throw new TypeError(`Cannot train in "${name}"`);
  return precision;
}

async function measure(
  config: TrainConfig,
  seed: number,
  data: TrainingData,
  validation: readonly PairFiles[],
): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), "ablation-"));
  let [gain, loss, ofInput] = [NaN, 0, 0];
  try {
    const { seconds } = await train(config, {
      data,
      directory,
      seed,
      device: deviceOf(values.device),
      precision: precisionOf(values.precision),
      checkpointMinutes: Infinity,
      validateEvery: Infinity,
      onStep(metrics) {
        if (metrics.step <= 0.75 * config.steps) return;
        loss += metrics.loss;
        ofInput += metrics.lossOfNothing;
      },
      async onValidate(tf, weights) {
        const results = await validate(tf, config.network, weights, validation);
        gain = mean(results.map(({ psnr, psnrBlurry }) => psnr - psnrBlurry));
      },
    });
    return { gain, ratio: loss / ofInput, seconds };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Mean and standard deviation of a sample. */
function spread(numbers: readonly number[], digits: number): string {
  const middle = mean(numbers);
  const variance = numbers.reduce((sum, n) => sum + (n - middle) ** 2, 0) / Math.max(1, numbers.length - 1);
  return `${middle.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}`;
}

const [steps, batch, crop, seeds] = [values.steps, values.batch, values.crop, values.seeds].map(Number) as [
  number,
  number,
  number,
  number,
];
const presets = PAIRS_OF_PRESETS[values.preset];
if (presets === undefined) throw new TypeError(`There is no one-way variant of preset "${values.preset}"`);
const data = await findTrainingData(values.data, {
  crop,
  framesDirectory: join(tmpdir(), "ablation-frames"),
});
const validation = await listPairs(values.validate);

const rows: string[] = [];
const gains: number[][] = [];
for (const preset of presets) {
  const base = trainConfig(preset);
  const config = { ...base, steps, batch, crop, rate: Number(values.rate ?? base.rate) };
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = await measure(config, seed, data, validation);
    stderr.write(
      `${preset}, seed ${seed}: ${outcome.gain.toFixed(3)} dB after ${outcome.seconds.toFixed(0)} s\n`,
    );
    outcomes.push(outcome);
  }
  const { parameters, macsPerPixel } = describeNetwork(config.network);
  gains.push(outcomes.map(({ gain }) => gain));
  rows.push(
    `| ${config.network.twoWay ? "two-way" : "one-way"} | ${(parameters / 1e6).toFixed(2)} M | ` +
      `${(macsPerPixel / 1e3).toFixed(1)} k | ${spread(outcomes.map(({ gain }) => gain), 3)} | ` +
      `${spread(outcomes.map(({ ratio }) => ratio), 4)} | ${
        mean(outcomes.map(({ seconds }) => seconds)).toFixed(0)
      } |`,
  );
}
const [twoWay = [], oneWay = []] = gains;
const differences = twoWay.map((gain, i) => gain - (oneWay[i] ?? NaN));
stdout.write(
  `Preset ${values.preset}, ${steps} steps of ${batch} crops of ${crop} x ${crop}, ${seeds} seeds, \
${validation.length} validation pictures, data ${data.sha256.slice(0, 12)}

| network | parameters | MAC per pixel | gain, dB | loss / loss of the input | seconds |
|---|---|---|---|---|---|
${rows.join("\n")}

Two-way gains ${spread(differences, 3)} dB more than one-way, compared seed by seed.
`,
);
