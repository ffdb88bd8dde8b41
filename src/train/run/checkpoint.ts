import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WeightsError } from "../../errors.ts";
import { describeNetwork } from "../../model/network/count_ops.ts";
import { parseSafetensors, serializeSafetensors, type TensorData } from "../../model/weights/safetensors.ts";
import { writeWhole } from "../../part_file.ts";
import { type TrainConfig, validateTrainConfig } from "../config.ts";
import type { Precision } from "../graph/graph_ops.ts";
import type { EarlierTraining } from "./earlier_training.ts";

/** Adam's moments of one tensor: the running means of its gradient and of the gradient's square. */
export interface Moments<T> {
  /** First moment. */
  readonly m: T;
  /** Second moment. */
  readonly v: T;
}

/** Everything that is needed to resume a run as if it had never stopped. The random state is the seed and the step. */
export interface Checkpoint {
  /** How it is trained. */
  readonly config: TrainConfig;
  /** Seed of all random numbers. */
  readonly seed: number;
  /** Steps done. */
  readonly step: number;
  /** Crops trained on, counted over all batch sizes of a resumed run. */
  readonly crops: number;
  /** Seconds trained. */
  readonly seconds: number;
  /** Length of the run in minutes; absent if `config.steps` is its length. */
  readonly minutes?: number;
  /** Type of convolutions; absent before it is chosen. */
  readonly precision?: Precision;
  /** Number of equal parts in which each batch is computed, so that a resumed run sums in the same order; absent before it is chosen. */
  readonly parts?: number;
  /** SHA-256 of the weights file that the run began with; absent for random weights. */
  readonly init?: string;
  /** The training of those weights; absent if their metadata do not record it. */
  readonly earlier?: EarlierTraining;
  /** Values of every tensor, by name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Running average of the weights; the weights themselves if there is no average. */
  readonly average: ReadonlyMap<string, Float32Array>;
  /** Adam's moments, by the name of the tensor. */
  readonly moments: ReadonlyMap<string, Moments<Float32Array>>;
}

/** How far a run is. */
export type RunPoint = Pick<Checkpoint, "step" | "crops" | "seconds">;

const FILE = "checkpoint.safetensors";

/** Replaces the checkpoint of a run: a new file is written, synced to disk and renamed. */
export async function writeCheckpoint(directory: string, checkpoint: Checkpoint): Promise<void> {
  const { weights: _, average: __, moments: ___, ...training } = checkpoint;
  const { config } = training;
  const tensors = new Map<string, TensorData>();
  for (const { name, shape } of describeNetwork(config.network).tensors) {
    const put = (prefix: string, data: Float32Array | undefined) =>
      data && tensors.set(`${prefix}/${name}`, { shape, data });
    put("weights", checkpoint.weights.get(name));
    put("average", checkpoint.average.get(name));
    put("m", checkpoint.moments.get(name)?.m);
    put("v", checkpoint.moments.get(name)?.v);
  }
  const metadata = { training: JSON.stringify(training) };
  await mkdir(directory, { recursive: true });
  await writeDurably(join(directory, FILE), serializeSafetensors(tensors, metadata));
}

/** Whether `directory` has a checkpoint of a run. */
export async function isCheckpointThere(directory: string): Promise<boolean> {
  return await stat(join(directory, FILE)).then(() => true, () => false);
}

/** Reads the checkpoint of a run. @throws {WeightsError} if there is no checkpoint in `directory`, or it is damaged. */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const path = join(directory, FILE);
  const bytes = await readFile(path).catch((cause) => {
    throw new WeightsError(path, "There is no checkpoint to resume. Give the folder of an earlier run", {
      cause,
    });
  });
  const { tensors, metadata } = parseSafetensors(bytes, path);
  const training = parseTraining(metadata.training, path);
  const { tensors: specs } = describeNetwork(training.config.network);
  const read = (prefix: string) =>
    new Map(specs.flatMap(({ name, shape }) => {
      const tensor = tensors.get(`${prefix}/${name}`);
      if (tensor !== undefined && tensor.shape.join() !== shape.join()) {
        const message =
          `This checkpoint cannot be used: "${prefix}/${name}" is [${tensor.shape}], not [${shape}]`;
        throw new WeightsError(path, message, { tensor: name });
      }
      return tensor === undefined ? [] : [[name, tensor.data] as const];
    }));
  const [weights, average, m, v] = [read("weights"), read("average"), read("m"), read("v")];
  if (weights.size !== specs.length || average.size !== specs.length) {
    throw new WeightsError(path, "This checkpoint is not complete: weights are missing");
  }
  const moments = new Map([...m].map(([name, m]) => {
    const second = v.get(name);
    if (second === undefined) {
      throw new WeightsError(path, `This checkpoint is not complete: "v/${name}" is missing`, {
        tensor: name,
      });
    }
    return [name, { m, v: second }] as const;
  }));
  return { ...training, weights, average, moments };
}

/** Settings that checkpoints of earlier versions do not have. */
const EARLIER: Partial<TrainConfig> = { cameraNoise: 1.2 };

type Training = Omit<Checkpoint, "weights" | "average" | "moments">;

function parseTraining(json: string | undefined, path: string): Training {
  if (json === undefined) {
    throw new WeightsError(path, 'This is not a checkpoint: its metadata have no "training"');
  }
  try {
    const { config, ...training } = JSON.parse(json);
    for (const field of ["seed", "step", "seconds"] as const) {
      if (!Number.isFinite(training[field])) throw new RangeError(`${field} is ${training[field]}`);
    }
    const { minutes } = training;
    if (minutes !== undefined && !(Number.isFinite(minutes) && minutes > 0)) {
      throw new RangeError(`minutes is ${minutes}, not a number above 0`);
    }
    const whole = validateTrainConfig({ ...EARLIER, ...config });
    const { crops = training.step * whole.batch } = training; // not recorded by earlier versions
    if (!Number.isSafeInteger(crops)) throw new RangeError(`crops is ${crops}`);
    return { ...training, crops, config: whole };
  } catch (cause) {
    const why = messageOf(cause);
    throw new WeightsError(path, `This checkpoint cannot be used: ${why}`, { cause });
  }
}

/** Writes a file of a run, completely or not at all. Only the run writes to its folder, so a part file in it was left by a killed run. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await writeWhole(path, bytes, { overwrite: true, takeOver: true });
}
