import type { TensorData } from "../../weights/safetensors.ts";

/** A kernel as bytes: value = scale of its output channel × byte. */
export interface QuantizedKernel {
  /** `[out, in, height, width]`. */
  readonly shape: readonly number[];
  readonly data: Int8Array<ArrayBuffer>;
  /** One for each output channel. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Largest byte that is used: symmetric, so that a kernel and its negative are the same. */
const LARGEST = 127;

/**
 * Rounds a kernel `[out, in, height, width]` to bytes, each output channel with a scale of its own. What rounding adds to one tap is taken
 * from the next: pictures and features change little from tap to tap, so that their errors cancel.
 *
 * @param order Which tap of an output channel comes when. @default {as they lie}
 */
export function quantizeKernel({ shape, data }: TensorData, order?: Uint32Array): QuantizedKernel {
  const [outChannels = 0] = shape;
  const taps = data.length / outChannels;
  const scales = new Float32Array(outChannels);
  const rounded = new Int8Array(data.length);
  for (let channel = 0; channel < outChannels; channel++) {
    const first = channel * taps;
    let largest = 0;
    for (let tap = 0; tap < taps; tap++) largest = Math.max(largest, Math.abs(data[first + tap] ?? 0));
    const scale = Math.fround((largest || 1) / LARGEST);
    scales[channel] = scale;
    let carried = 0;
    for (let i = 0; i < taps; i++) {
      const at = first + (order?.[i] ?? i);
      const exact = (data[at] ?? 0) / scale;
      if (exact === 0) continue;
      const byte = Math.max(-LARGEST, Math.min(LARGEST, Math.round(exact + carried)));
      carried += exact - byte;
      rounded[at] = byte;
    }
  }
  return { shape, data: rounded, scales };
}
