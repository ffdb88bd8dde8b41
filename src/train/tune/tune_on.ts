import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OptionError } from "../../errors.ts";
import type { DeviceChoice } from "../../model/engine/engine.ts";
import { openEngine } from "../../model/engine/open_engine.ts";
import { describeNetwork } from "../../model/network/count_ops.ts";
import type { TensorData } from "../../model/weights/safetensors.ts";
import { parseWeights, readWeights, serializeWeights, type Weights } from "../../model/weights/weights.ts";
import { type TrainConfig, trainConfig } from "../config.ts";
import { hashFile } from "../../hash_file.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { train } from "../run/train.ts";
import { loadTensorFlow, type TrainDevice } from "../tensorflow/tensorflow.ts";
import { HeldOut, whyNotBetter } from "./held_out.ts";
import { surveyClip, type SurveyOptions } from "./survey_clip.ts";

/** Fewest sharp moments that are worth training on; every fifth is only measured on. */
const FEWEST_MOMENTS = 5;
/** A clip whose frames move less than this is tuned for this speed, pixels per frame; likewise the fastest. */
const [SLOWEST, FASTEST] = [3, 30];

/** Options of {@linkcode tuneOn}. */
export interface TuneOptions extends Pick<SurveyOptions, "start" | "duration" | "signal"> {
  /** Weights to begin with: a file, or already read. Their network must be a preset's. */
  readonly weights: string | Weights;
  /** Length of the training. */
  readonly minutes: number;
  /** What trains. @default {"tensorflow"} */
  readonly device?: TrainDevice;
  /** What measures before and after. @default {"auto"} */
  readonly engine?: DeviceChoice;
  /** Seed of all random numbers. @default {1} */
  readonly seed?: number;
  /** Called at the beginning of each part of the work; while training, with the share done after every step. */
  readonly onProgress?: (part: "survey" | "measure" | "train", share?: number) => void;
}

/** Weights that were tuned on a clip. */
export interface TunedWeights extends Weights {
  /** The bytes of a `.safetensors` file of them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What came of {@linkcode tuneOn}. */
export interface Tuned {
  /** The tuned weights; absent if they are not better. Their `provenance.tunedOn` is the clip's SHA-256. */
  readonly weights?: TunedWeights;
  /** Why there are none, in one sentence. */
  readonly reason?: string;
  /** Sharp moments that were found, those held out included. */
  readonly moments: number;
  /** Mean gain in dB on the held out moments with the given weights; absent if nothing was trained. */
  readonly before?: number;
  /** The same with the tuned weights. */
  readonly after?: number;
}

/**
 * Tunes weights on a clip itself: its sharp moments are blurred by the virtual camera, which moves and makes noise as the clip does, and the network
 * is trained on these pairs. Every fifth sharp moment is held out; the tuned weights are given only if they gain there, and no picture
 * loses more than 0.1 dB.
 *
 * @throws {OptionError} if `minutes` is not a number above 0, or the network is not a preset's.
 * @throws {MediaError} if the clip cannot be decoded; {EngineError} if the device cannot be used; {WeightsError}; the signal's reason.
 */
export async function tuneOn(clip: string, options: TuneOptions): Promise<Tuned> {
  const { minutes, device = "tensorflow", seed = 1, signal, onProgress } = options;
  if (!(minutes > 0 && minutes < Infinity)) {
    throw new OptionError(`Cannot tune for ${minutes} minutes. Give a number above 0`);
  }
  const weights = typeof options.weights === "string" ? await readWeights(options.weights) : options.weights;
  const config = tuningConfig(weights);
  await loadTensorFlow(device); // fails at once if it is missing
  await using directory = await temporaryFolder();
  onProgress?.("survey");
  const survey = await surveyClip(clip, { ...options, directory: join(directory.path, "moments") });
  const moments = survey.moments.length;
  if (moments < FEWEST_MOMENTS) {
    const found = moments === 0 ? "no sharp moments" : `only ${moments} sharp moments`;
    return { moments, reason: `it has ${found}, and ${FEWEST_MOMENTS} are needed` };
  }
  const camera = {
    meanSpeed: Math.min(FASTEST, Math.max(SLOWEST, survey.speed)),
    mostNoise: 2 * survey.noise, // the mean of what is drawn is the clip's own
  };
  const isHeldOut = (_: string, i: number) => i % 5 === 2;
  const heldOut = await HeldOut.open(survey.moments.filter(isHeldOut), camera);
  const measure = async (weights: Weights) => {
    onProgress?.("measure");
    await using engine = await openEngine({
      weights,
      device: options.engine ?? "auto",
      precision: "float32",
    });
    return await heldOut.measure(engine, signal);
  };
  const before = await measure(weights);
  onProgress?.("train", 0);
  const trained = await train({ ...config, cameraSpeed: camera.meanSpeed, cameraNoise: camera.mostNoise }, {
    data: { pairs: [], photos: survey.moments.filter((path, i) => !isHeldOut(path, i)) },
    directory: join(directory.path, "run"),
    ...{ device, minutes, seed, init: weights, checkpointMinutes: Infinity },
    onStep: ({ seconds }) => onProgress?.("train", Math.min(1, seconds / 60 / minutes)),
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  const tuned = tunedWeights(trained, { tunedOn: await hashFile(clip, signal), init: weights.sha256 });
  const after = await measure(tuned);
  const measured = { moments, before: mean(before), after: mean(after) };
  const reason = whyNotBetter(before, after);
  if (reason !== undefined) return { ...measured, reason };
  return { ...measured, weights: tuned };
}

/** Few steps on one scene: a low learning rate, and an average of the last steps only. */
function tuningConfig({ preset, path }: Weights): TrainConfig {
  if (preset === undefined) {
    throw new OptionError(`Cannot tune ${path}: its network is not that of a preset`);
  }
  return { ...trainConfig(preset), loss: "relative", rate: 2e-4, averageDecay: 0.98, compressedShare: 0.2 };
}

function tunedWeights(
  { config: { network }, average, step, crops, seconds }: Checkpoint,
  origin: { readonly tunedOn: string; readonly init: string },
): TunedWeights {
  const tensors = new Map<string, TensorData>();
  for (const { name, shape } of describeNetwork(network).tensors) {
    const data = average.get(name);
    if (data !== undefined) tensors.set(name, { shape, data });
  }
  const counts = { steps: String(step), crops: String(crops), seconds: seconds.toFixed(0) };
  const bytes = serializeWeights({ config: network, tensors, provenance: { ...origin, ...counts } });
  return { ...parseWeights(bytes, "tuned weights"), bytes };
}

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "deblur-tune-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
