import { readFile } from "node:fs/promises";
import { codeOf, messageOf, WeightsError } from "../../errors.ts";

/** What a network's values are like on real pictures: what computing with bytes needs to know beside the weights. */
export interface Calibration {
  /** SHA-256 of the weights it was made of, hexadecimal. */
  readonly weights: string;
  /** Smallest and largest number that each value is rounded between, in the order of computing. */
  readonly ranges: readonly (readonly [least: number, most: number])[];
  /** The same for each channel of those values that are looked at closer: layers without a ReLU, by their place in that order. */
  readonly channels: Readonly<Record<number, readonly (readonly [least: number, most: number])[]>>;
  /** What is added to red, green and blue of the result, 0 … 1: rounding does not change the mean. */
  readonly shift: readonly number[];
  /** PSNR that was lost on pictures not calibrated on, in dB: the mean of each sequence, by its name. Empty where none was measured. */
  readonly loss: Readonly<Record<string, number>>;
}

/** Most that `auto` lets a network lose on any sequence, in dB. */
export const BEARABLE_LOSS = 0.03;

/** Path of a weights file's calibration: beside it. */
export function calibrationPath(weightsPath: string): string {
  return `${weightsPath.replace(/\.safetensors$/, "")}.int8.json`;
}

/** Whether a network may be used by `auto`: its loss was measured, and is bearable. */
export function isBearable({ loss }: Calibration): boolean {
  const losses = Object.values(loss);
  return losses.length > 0 && losses.every((lost) => lost <= BEARABLE_LOSS);
}

/**
 * Reads the calibration of a weights file.
 *
 * @returns Nothing if there is none, or it is that of other weights.
 * @throws {WeightsError} if it is damaged.
 */
export async function readCalibration(weightsPath: string, sha256: string): Promise<Calibration | undefined> {
  const path = calibrationPath(weightsPath);
  const text = await readFile(path, "utf8").catch((cause) => {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new WeightsError(path, `cannot be read (${messageOf(cause)})`, { cause });
  });
  if (text === undefined) return undefined;
  const calibration = parseCalibration(text, path);
  return calibration.weights === sha256 ? calibration : undefined;
}

function parseCalibration(text: string, path: string): Calibration {
  const refuse = (why: string, cause?: unknown) =>
    new WeightsError(path, `is no calibration: ${why}. Make it again with "deno task calibrate"`, { cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refuse(messageOf(cause), cause);
  }
  if (isCalibration(parsed)) return parsed;
  throw refuse(findMistake(parsed) ?? "");
}

/** Whether `value` has the form of a {@linkcode Calibration}. */
export function isCalibration(value: unknown): value is Calibration {
  return findMistake(value) === undefined;
}

/** @returns What keeps `value` from being a calibration. */
function findMistake(value: unknown): string | undefined {
  const { weights, ranges, channels, shift, loss }: Partial<Record<keyof Calibration, unknown>> = Object(
    value,
  );
  const isNumbers = (list: unknown, length: number) =>
    Array.isArray(list) && list.length === length && list.every(Number.isFinite);
  if (typeof weights !== "string") return '"weights" must be a SHA-256';
  const areRanges = (list: unknown) => Array.isArray(list) && list.every((range) => isNumbers(range, 2));
  if (!areRanges(ranges)) return '"ranges" must be pairs of numbers';
  if (typeof channels !== "object" || channels === null || !Object.values(channels).every(areRanges)) {
    return '"channels" must be lists of pairs of numbers';
  }
  if (!isNumbers(shift, 3)) return '"shift" must be three numbers';
  if (typeof loss !== "object" || loss === null || !Object.values(loss).every(Number.isFinite)) {
    return '"loss" must be numbers by name';
  }
}
