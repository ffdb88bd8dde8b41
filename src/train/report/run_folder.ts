import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MediaError, messageOf } from "../../errors.ts";
import { describeNetwork } from "../../model/network/count_ops.ts";
import type { TensorData } from "../../model/weights/safetensors.ts";
import type { TensorFlow, WeightTensors } from "../../model/tfjs/tfjs_ops.ts";
import { presetOf, serializeWeights } from "../../model/weights/weights.ts";
import { guardWrite, unwritable } from "../../part_file.ts";
import { type Checkpoint, isCheckpointThere, type RunPoint, writeDurably } from "../run/checkpoint.ts";
import type { TrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import type { EarlierTraining } from "../run/earlier_training.ts";
import { encodePng } from "../data/picture_file.ts";
import { pictureGrid } from "./picture_grid.ts";
import { TensorBoard } from "./tensorboard.ts";
import type { StepMetrics } from "../run/train.ts";
import { type MetricsLine, trainingCurve } from "./training_curve.ts";
import type { TrainingData } from "../data/training_data.ts";
import { validate } from "./validate.ts";

/** The run, for its files. */
export interface RunFolderOptions {
  /** How it is trained. */
  readonly config: TrainConfig;
  /** Seed of all random numbers. */
  readonly seed: number;
  /** The training data. */
  readonly data: Pick<TrainingData, "list" | "sha256">;
  /** Pairs to measure on, which are not trained on. @default {none: nothing is measured} */
  readonly validation?: readonly PairFiles[];
  /** SHA-256 of the weights file that the run started from, if any. */
  readonly init?: string;
  /** The training before, if the metadata of those weights record it. */
  readonly earlier?: EarlierTraining;
  /** Step of the checkpoint that is resumed; absent for a new run. */
  readonly resumedStep?: number;
}

/** Steps between points for TensorBoard. */
const BOARD_EVERY = 10;

/**
 * The files of a run besides its checkpoint: `metrics.jsonl` (a line per step and validation), `curve.svg`, `data.txt` (the list of the training
 * data), `weights.safetensors` (the result so far), `tensorboard/` (loss and gain), and with validation `best.safetensors` and
 * `grid-STEP.png` (see {@linkcode pictureGrid}). Disposing it closes its files.
 */
export class RunFolder implements Disposable {
  readonly #directory: string;
  readonly #options: RunFolderOptions;
  readonly #lines: MetricsLine[];
  readonly #tensorBoard: TensorBoard;
  readonly #metrics: number;
  /** Largest gain that was measured, in dB. */
  #best: number;

  private constructor(
    directory: string,
    options: RunFolderOptions,
    lines: MetricsLine[],
    tensorBoard: TensorBoard,
  ) {
    this.#directory = directory;
    this.#options = options;
    this.#lines = lines;
    this.#tensorBoard = tensorBoard;
    this.#best = lines.reduce((best, { validation }) => Math.max(best, validation?.gain ?? best), -Infinity);
    this.#metrics = openSync(join(directory, "metrics.jsonl"), "a");
  }

  /**
   * Creates the folder, or continues in it: what was measured after the checkpoint is removed.
   *
   * @throws {MediaError} if it cannot be created, has another run in it, or the run to resume has other training data or a damaged line in
   * its metrics.
   */
  static async open(directory: string, options: RunFolderOptions): Promise<RunFolder> {
    const { resumedStep, data } = options;
    if (resumedStep === undefined) await refuseRun(directory);
    await mkdir(directory, { recursive: true }).catch((cause) => {
      throw new MediaError(directory, `The folder cannot be created: ${messageOf(cause)}`, { cause });
    });
    if (resumedStep !== undefined) await refuseOtherData(directory, data);
    await guardWrite(directory, () => writeFile(join(directory, "data.txt"), data.list));
    const lines = resumedStep === undefined ? [] : await linesUpTo(directory, resumedStep);
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await writeDurably(join(directory, "metrics.jsonl"), new TextEncoder().encode(text));
    using opened = new DisposableStack();
    const tensorBoard = opened.use(TensorBoard.open(join(directory, "tensorboard")));
    const folder = new RunFolder(directory, options, lines, tensorBoard);
    opened.move();
    return folder;
  }

  /** Records a step. */
  addStep(metrics: StepMetrics): void {
    this.#add({ ...metrics });
    const { step, loss, lossOfNothing, rate } = metrics;
    if (step % BOARD_EVERY !== 0) return;
    this.#tensorBoard.scalar("loss", loss, step);
    this.#tensorBoard.scalar("loss/nothing", loss / lossOfNothing, step);
    this.#tensorBoard.scalar("rate", rate, step);
  }

  /**
   * Measures weights on the validation pairs and writes them, also as `best.safetensors` if no earlier ones gained more.
   *
   * @param signal Stops it between two pairs, with nothing written.
   * @returns What was measured; `undefined` without validation pairs, or if this step was measured before.
   * @throws The reason of `signal`.
   */
  async validate(
    tf: TensorFlow,
    weights: WeightTensors,
    at: RunPoint,
    signal?: AbortSignal,
  ): Promise<MetricsLine["validation"]> {
    const { step, seconds } = at;
    const { config: { network }, validation: pairs = [] } = this.#options;
    if (pairs.length === 0 || this.#measuredAt(step) !== undefined) return undefined;
    const results = await validate(tf, network, weights, pairs, signal);
    const pictures = Object.fromEntries(
      results.map(({ name, psnr, psnrBlurry }) => [name, psnr - psnrBlurry]),
    );
    const gain = Object.values(pictures).reduce((sum, gain) => sum + gain, 0) / results.length;
    const sharp = results.reduce((worst, { psnrOfSharp }) => Math.min(worst, psnrOfSharp), Infinity);
    const validation = { gain, sharp, pictures };
    this.#add({ step, seconds, validation });
    this.#tensorBoard.scalar("validation/gain", gain, step);
    const grid = await encodePng(await pictureGrid(tf, network, weights, pairs));
    await writeDurably(join(this.#directory, `grid-${step}.png`), grid);
    const values = new Map<string, Float32Array>();
    for (const [name, tensor] of weights) values.set(name, await tensor.data<"float32">());
    await this.#writeWeights("weights", values, at, gain);
    if (gain > this.#best) {
      await this.#writeWeights("best", values, at, gain);
      this.#best = gain;
    }
    await this.#writeCurve();
    return validation;
  }

  /** Writes the weights of a checkpoint. */
  async addCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const { average, step } = checkpoint;
    await this.#writeWeights("weights", average, checkpoint, this.#measuredAt(step)?.gain);
    await this.#writeCurve();
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    closeSync(this.#metrics);
    this.#tensorBoard[Symbol.dispose]();
  }

  /** What was measured after `step` steps. */
  #measuredAt(step: number): MetricsLine["validation"] {
    return this.#lines.findLast((line) => line.step === step && line.validation !== undefined)?.validation;
  }

  /** Writes at once, so that nothing is missing of a run that is killed. */
  #add(line: MetricsLine): void {
    this.#lines.push(line);
    try {
      writeSync(this.#metrics, `${JSON.stringify(line)}\n`);
    } catch (cause) {
      throw unwritable(join(this.#directory, "metrics.jsonl"), cause);
    }
  }

  async #writeWeights(
    file: string,
    values: ReadonlyMap<string, Float32Array>,
    { step, seconds, crops }: RunPoint,
    gain?: number,
  ): Promise<void> {
    const { config, seed, data, init, earlier } = this.#options;
    const tensors = new Map<string, TensorData>();
    for (const { name, shape } of describeNetwork(config.network).tensors) {
      const data = values.get(name);
      if (data !== undefined) tensors.set(name, { shape, data });
    }
    const before = init === undefined ? { steps: 0, crops: 0 } : earlier;
    const provenance = {
      preset: presetOf(config.network) ?? "none",
      steps: String(step),
      seconds: seconds.toFixed(0),
      crops: String(crops),
      // Including the runs that the initial weights came from; the counts above are this run's.
      ...(before && { totalSteps: String(before.steps + step), totalCrops: String(before.crops + crops) }),
      seed: String(seed),
      dataSha256: data.sha256,
      ...(init !== undefined && { init }),
      ...(gain !== undefined && { validationGain: `${gain.toFixed(3)} dB` }),
      training: JSON.stringify(config),
    };
    const bytes = serializeWeights({ config: config.network, tensors, provenance });
    await writeDurably(join(this.#directory, `${file}.safetensors`), bytes);
  }

  async #writeCurve(): Promise<void> {
    await writeDurably(
      join(this.#directory, "curve.svg"),
      new TextEncoder().encode(trainingCurve(this.#lines)),
    );
  }
}

/** @throws {MediaError} if `directory` has a run in it, or is a file. */
export async function refuseRun(directory: string): Promise<void> {
  if (await stat(directory).then((found) => !found.isDirectory(), () => false)) {
    throw new MediaError(directory, "This is a file. Give the name of a folder for the run");
  }
  if (await isCheckpointThere(directory)) {
    throw new MediaError(
      directory,
      "There is a run in this folder. Resume it with --resume, or use another folder",
    );
  }
}

async function refuseOtherData(directory: string, { list }: RunFolderOptions["data"]): Promise<void> {
  const path = join(directory, "data.txt");
  const before = await stat(path).then(() => readFile(path, "utf8"), () => undefined);
  if (before !== undefined && before !== list) {
    const what = "The run was begun with other training data than is given now";
    throw new MediaError(path, `${what}. Give the same data, or begin a new run with --init`);
  }
}

async function linesUpTo(directory: string, step: number): Promise<MetricsLine[]> {
  const path = join(directory, "metrics.jsonl");
  const text = await stat(path).then(() => readFile(path, "utf8"), () => "");
  // The last line of a killed run may be incomplete.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return whole.flatMap((line, i) => line === "" ? [] : [parseLine(line, i + 1, path)])
    .filter((line) => line.step <= step);
}

function parseLine(text: string, number: number, path: string): MetricsLine {
  try {
    const line: MetricsLine | null = JSON.parse(text);
    if (typeof line?.step !== "number") throw new RangeError('it has no number "step"');
    return line;
  } catch (cause) {
    const why = `Line ${number} is damaged: ${messageOf(cause)}`;
    throw new MediaError(path, `${why}. Correct or delete this line`, { cause });
  }
}
