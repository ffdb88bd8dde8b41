/** How bytes stand for numbers: number = scale × (byte − zero). */
export interface Quantization {
  readonly scale: number;
  /** From 0 to 255. */
  readonly zero: number;
}

/** A value of an ONNX graph held in bytes, `[1, height, width, channels]`. */
export interface QuantizedValue extends Quantization {
  readonly name: string;
  readonly channels: number;
}

/** Smallest and largest of some values. */
export type Range = readonly [least: number, most: number];

/** The bytes that spread over a range, with one that is exactly 0. */
export function quantizationOf([least, most]: Range): Quantization {
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)];
  const scale = Math.fround((high - low || 1) / 255);
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}
