import type { TensorData } from "../../weights/safetensors.ts";
import type { Quantization } from "./quantized_value.ts";

/** Some of a convolution's input channels, held in bytes that stand for other numbers than those of the next part. */
export interface InputPart extends Quantization {
  readonly channels: number;
}

/** A convolution that takes bytes as they are, whatever they stand for. */
export interface FoldedKernel {
  /** `[out, inputs, height, width]`: each tap times the scale of its input. */
  readonly kernel: TensorData;
  /** The byte that stands for 0, of each input. */
  readonly zeros: Uint8Array;
  /** Order of an output channel's taps in which each is beside the one before, for `quantizeKernel`. */
  readonly order: Uint32Array;
}

/**
 * Folds into a kernel what each part of its input stands for, and `stride` neighbouring pixels of a line into one with `stride` times the
 * channels: those bytes lie beside each other in memory, and few channels are slow.
 *
 * @param kernel `[out, in, k, k]`, `k` = 3 with stride 1, else 2·`stride` - 1; `in` are the channels of all parts.
 * @returns Inputs part by part, in a part pixel by pixel; a width of `k` with stride 1, else of 2 (folded) pixels.
 */
export function foldKernel(kernel: TensorData, stride: number, parts: readonly InputPart[]): FoldedKernel {
  const [out = 0, channels = 0, side = 0] = kernel.shape;
  const width = Math.ceil(side / stride);
  const inputs = channels * stride;
  const tapsOfOutput = inputs * side * width;
  const folded = new Float32Array(out * tapsOfOutput);
  const zeros = new Uint8Array(inputs);
  const order: number[] = [];
  let [channel, first] = [0, 0];
  for (const part of parts) {
    for (let i = 0; i < part.channels; i++, channel++) {
      for (let row = 0; row < side; row++) {
        for (let step = 0; step < width * stride; step++) {
          const column = row % 2 === 0 ? step : width * stride - 1 - step; // to and fro, so that each tap is beside the last
          const input = first + (column % stride) * part.channels + i;
          zeros[input] = part.zero;
          const to = (input * side + row) * width + Math.floor(column / stride);
          order.push(to);
          if (column >= side) continue;
          const from = (channel * side + row) * side + column;
          for (let o = 0; o < out; o++) {
            folded[o * tapsOfOutput + to] = part.scale *
              (kernel.data[o * channels * side * side + from] ?? 0);
          }
        }
      }
    }
    first += stride * part.channels;
  }
  return {
    kernel: { shape: [out, inputs, side, width], data: folded },
    zeros,
    order: Uint32Array.from(order),
  };
}
