import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { codeOf, messageOf, WeightsError } from "../../errors.ts";
import { type Calibration, readCalibration } from "./calibration.ts";
import { isPreset, type NetworkConfig, type Preset, PRESETS, validateConfig } from "../network/config.ts";
import { describeNetwork } from "../network/count_ops.ts";
import { parseSafetensors, serializeSafetensors, type TensorData } from "./safetensors.ts";

/** A trained network: its shape, every tensor of it, and where it comes from. */
export interface Weights {
  /** File the weights were read from, for messages. */
  readonly path: string;
  /** The network these are the weights of. */
  readonly config: NetworkConfig;
  /** The preset that has this config; absent for a network without a name. */
  readonly preset?: Preset;
  /** What the trainer noted: steps, hours, data, licence. */
  readonly provenance: Readonly<Record<string, string>>;
  /** Exactly the tensors of {@linkcode describeNetwork}, in its order, all values finite. */
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** How the network computes with bytes, if that was found out. */
  readonly calibration?: Calibration;
}

/** What a weights file is written from. */
export type WeightsToWrite = Pick<Weights, "config" | "tensors"> & Partial<Pick<Weights, "provenance">>;

/**
 * Reads a `.safetensors` file of weights, and its calibration if there is one beside it.
 *
 * @throws {WeightsError} if the file is missing, damaged, or does not hold exactly the network its config describes.
 */
export async function readWeights(path: string): Promise<Weights> {
  const weights = await readBareWeights(path);
  const calibration = await readCalibration(path, weights.sha256);
  return { ...weights, ...(calibration && { calibration }) };
}

/** The same without its calibration. @throws {WeightsError} as {@linkcode readWeights} does. */
export async function readBareWeights(path: string): Promise<Weights> {
  const bytes = await readFile(path).catch((cause) => {
    const isMissing = codeOf(cause) === "ENOENT";
    throw new WeightsError(path, isMissing ? "no such weights file" : `cannot be read (${cause.message})`, {
      cause,
    });
  });
  return parseWeights(bytes, path);
}

/**
 * Reads weights from the bytes of a `.safetensors` file.
 *
 * @param path Names the file in errors.
 * @throws {WeightsError} as {@linkcode readWeights} does.
 */
export function parseWeights(bytes: Uint8Array, path: string): Weights {
  const { tensors, metadata } = parseSafetensors(bytes, path);
  const { config: json, ...provenance } = metadata;
  if (json === undefined) {
    throw new WeightsError(path, 'its metadata have no "config". Use weights that this project trained');
  }
  const config = parseConfig(json, path);
  const preset = presetOf(config);
  return {
    path,
    config,
    ...(preset !== undefined && { preset }),
    provenance,
    tensors: checkTensors(config, tensors, path),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/**
 * Writes weights as a `.safetensors` file: the config as JSON under the metadata key `config`, provenance beside it.
 *
 * @throws {WeightsError} if the tensors are not exactly those of the config; {RangeError} if the config is unusable.
 */
export function serializeWeights(
  { config, tensors, provenance = {} }: WeightsToWrite,
): Uint8Array<ArrayBuffer> {
  const checked = checkTensors(validateConfig(config), tensors, "weights to write");
  return serializeSafetensors(checked, { ...provenance, config: JSON.stringify(config) });
}

/** The preset that has exactly this config, if one has. */
export function presetOf(config: NetworkConfig): Preset | undefined {
  const key = (c: NetworkConfig) => JSON.stringify(Object.entries(c).sort(([a], [b]) => a < b ? -1 : 1));
  return Object.keys(PRESETS).filter(isPreset).find((name) => key(PRESETS[name]) === key(config));
}

/** What files say nothing of that are older than the choice. */
const EARLIER = { frames: 1 } as const;

function parseConfig(json: string, path: string): NetworkConfig {
  try {
    const config: unknown = JSON.parse(json);
    if (typeof config !== "object" || config === null) throw new RangeError("it is not a JSON object");
    const unknown = Object.keys(config).find((key) => !Object.hasOwn(PRESETS.paper, key));
    if (unknown !== undefined) throw new RangeError(`unknown field "${unknown}"`);
    return validateConfig({ ...EARLIER, ...config } as NetworkConfig);
  } catch (cause) {
    const why = messageOf(cause);
    throw new WeightsError(path, `its metadata have an unusable "config": ${why}`, { cause });
  }
}

function checkTensors(
  config: NetworkConfig,
  tensors: ReadonlyMap<string, TensorData>,
  path: string,
): ReadonlyMap<string, TensorData> {
  const specs = describeNetwork(config).tensors;
  const refuse = (tensor: string, message: string) => new WeightsError(path, message, { tensor });
  const known = new Set(specs.map(({ name }) => name));
  for (const name of tensors.keys()) {
    if (!known.has(name)) {
      throw refuse(name, `tensor "${name}" is not part of the network its config describes`);
    }
  }
  const checked = specs.map(({ name, shape }) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw refuse(name, `tensor "${name}" is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw refuse(name, `tensor "${name}" has shape [${tensor.shape}], not [${shape}]`);
    }
    const size = shape.reduce((product, side) => product * side, 1);
    if (tensor.data.length !== size) {
      throw refuse(name, `tensor "${name}" has ${tensor.data.length} values, not ${size}`);
    }
    const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw refuse(name, `tensor "${name}" has the value ${tensor.data[bad]} at index ${bad}`);
    return [name, tensor] as const;
  });
  return new Map(checked);
}
