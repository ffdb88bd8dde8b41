import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MediaError, messageOf } from "../../errors.ts";
import { describeNetwork } from "../../model/network/count_ops.ts";
import type { TensorData } from "../../model/weights/safetensors.ts";
import type { TensorFlow, WeightTensors } from "../../model/tfjs/tfjs_ops.ts";
import { presetOf, serializeWeights } from "../../model/weights/weights.ts";
import { unwritable } from "../../part_file.ts";
import { type Checkpoint, isCheckpointThere, type RunPoint, writeDurably } from "../run/checkpoint.ts";
import type { TrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import type { EarlierTraining } from "../run/earlier_training.ts";
import { encodePng } from "../data/picture_file.ts";
import { pictureGrid } from "./picture_grid.ts";
import type { TensorBoard } from "./tensorboard.ts";
import type { StepMetrics } from "../run/train.ts";
import { type MetricsLine, trainingCurve } from "./training_curve.ts";
import type { TrainingData } from "../data/training_data.ts";
import { validate } from "./validate.ts";

/** What a run is, for its files. */
export interface RunFolderOptions {
  /** How it is trained. */
  readonly config: TrainConfig;
  /** What draws everything that is random. */
  readonly seed: number;
  /** What it learns from. */
  readonly data: Pick<TrainingData, "list" | "sha256">;
  /** Pairs that are never learnt from. @default {none: nothing is measured} */
  readonly validation?: readonly PairFiles[];
  /** SHA-256 of the weights file the run started from, if it did. */
  readonly init?: string;
  /** What those weights had learnt from, if they tell. */
  readonly earlier?: EarlierTraining;
  /** Step of the checkpoint to go on from; a run that begins has none. */
  readonly resumedStep?: number;
  /** Opens what gets loss and gain too, once the folder is there. */
  readonly openTensorBoard?: () => Promise<TensorBoard>;
}

/** Steps between lines for TensorBoard. */
const BOARD_EVERY = 10;

/**
 * What a run leaves beside its checkpoint: `metrics.jsonl` (one line a step and a validation), `curve.svg`, `data.txt` (the list of
 * what it learnt from), `weights.safetensors` (what would be shipped now), and with validation `best.safetensors` and
 * `grid-STEP.png` (see {@linkcode pictureGrid}). Disposing it closes its files.
 */
export class RunFolder implements Disposable {
  readonly #directory: string;
  readonly #options: RunFolderOptions;
  readonly #lines: MetricsLine[];
  readonly #tensorBoard: TensorBoard | undefined;
  readonly #metrics: number;
  /** Largest gain that validation has measured, in dB. */
  #best: number;

  private constructor(
    directory: string,
    options: RunFolderOptions,
    lines: MetricsLine[],
    tensorBoard?: TensorBoard,
  ) {
    this.#directory = directory;
    this.#options = options;
    this.#lines = lines;
    this.#tensorBoard = tensorBoard;
    this.#best = lines.reduce((best, { validation }) => Math.max(best, validation?.gain ?? best), -Infinity);
    this.#metrics = openSync(join(directory, "metrics.jsonl"), "a");
  }

  /**
   * Makes the folder, or goes on in it: what an interrupted run measured after its checkpoint is forgotten.
   *
   * @throws {MediaError} if it cannot be made, another run lies there, or the one to resume learnt from other data or has a
   * damaged line in its metrics.
   */
  static async open(directory: string, options: RunFolderOptions): Promise<RunFolder> {
    const { resumedStep, data } = options;
    if (resumedStep === undefined) await refuseRun(directory);
    await mkdir(directory, { recursive: true }).catch((cause) => {
      throw new MediaError(directory, "Cannot make this folder; wanted one that may be written", { cause });
    });
    if (resumedStep !== undefined) await refuseOtherData(directory, data);
    await writeFile(join(directory, "data.txt"), data.list).catch((cause) => {
      throw new MediaError(directory, "Cannot write in this folder; wanted one that may be written", {
        cause,
      });
    });
    const lines = resumedStep === undefined ? [] : await linesUpTo(directory, resumedStep);
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await writeDurably(join(directory, "metrics.jsonl"), new TextEncoder().encode(text));
    return new RunFolder(directory, options, lines, await options.openTensorBoard?.());
  }

  /** Notes a step. */
  addStep(metrics: StepMetrics): void {
    this.#add({ ...metrics });
    const { step, loss, lossOfNothing, rate } = metrics;
    if (step % BOARD_EVERY !== 0) return;
    this.#tensorBoard?.scalar("loss", loss, step);
    this.#tensorBoard?.scalar("loss/nothing", loss / lossOfNothing, step);
    this.#tensorBoard?.scalar("rate", rate, step);
  }

  /**
   * Measures weights on the validation pairs and keeps them, as the best ones if they are.
   *
   * @param signal Ends it between two pairs, with nothing kept.
   * @returns What was measured; `undefined` without validation pairs, or where this step has been measured before.
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
    this.#tensorBoard?.scalar("validation/gain", gain, step);
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

  /** Keeps the weights of a checkpoint. */
  async addCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const { average, step } = checkpoint;
    await this.#writeWeights("weights", average, checkpoint, this.#measuredAt(step)?.gain);
    await this.#writeCurve();
    this.#tensorBoard?.flush();
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    closeSync(this.#metrics);
    this.#tensorBoard?.flush();
  }

  /** What validation measured after so many steps. */
  #measuredAt(step: number): MetricsLine["validation"] {
    return this.#lines.findLast((line) => line.step === step && line.validation !== undefined)?.validation;
  }

  /** At once, so that a run that is killed has told everything it did. */
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
      // With the runs before that the initial weights came from; the counts above are this run's.
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

/** @throws {MediaError} if `directory` holds a run, or is a file. */
export async function refuseRun(directory: string): Promise<void> {
  if (await stat(directory).then((found) => !found.isDirectory(), () => false)) {
    throw new MediaError(directory, "is a file; wanted a folder for the run");
  }
  if (await isCheckpointThere(directory)) {
    throw new MediaError(
      directory,
      "holds a run already; wanted --resume to go on with it, or another folder",
    );
  }
}

async function refuseOtherData(directory: string, { list }: RunFolderOptions["data"]): Promise<void> {
  const path = join(directory, "data.txt");
  const before = await stat(path).then(() => readFile(path, "utf8"), () => undefined);
  if (before !== undefined && before !== list) {
    throw new MediaError(path, "lists other data than are given now; a run goes on with those it began with");
  }
}

async function linesUpTo(directory: string, step: number): Promise<MetricsLine[]> {
  const path = join(directory, "metrics.jsonl");
  const text = await stat(path).then(() => readFile(path, "utf8"), () => "");
  // The last line of a killed run may be cut.
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
    const why = `line ${number} is damaged: ${messageOf(cause)}`;
    throw new MediaError(path, `${why}; wanted it as the run wrote it, or without that line`, { cause });
  }
}
