import type { TensorData } from "../../weights/safetensors.ts";

/** A convolution that computes some of the outputs of a transposed one. */
export interface ConvKernel {
  /** `[out, in, height, width]`. */
  readonly kernel: TensorData;
  /** Zeros around the input: top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/**
 * A transposed convolution as `stride`² convolutions of 2 × 2, one for each place of an output pixel in its block: they need no
 * multiplication that the transposed one does not.
 *
 * @param transposed Kernel `[2·stride, 2·stride, out, in]`, TensorFlow's layout.
 * @returns Row by row of the block.
 */
export function deconvPhases(transposed: TensorData, stride: number): ConvKernel[] {
  const places = Array.from({ length: stride }, (_, place) => place);
  return places.flatMap((y) =>
    places.map((x) => {
      const [rows, columns] = [tapsOf(y, stride), tapsOf(x, stride)];
      const isFirst = (taps: readonly Tap[]) => taps[0]?.offset === -1;
      return {
        kernel: gather(transposed, rows, columns),
        pads: [
          isFirst(rows) ? 1 : 0,
          isFirst(columns) ? 1 : 0,
          isFirst(rows) ? 0 : 1,
          isFirst(columns) ? 0 : 1,
        ],
      };
    })
  );
}

/** A tap of the transposed kernel, and how far from the block's own input pixel the one lies that it takes. */
interface Tap {
  readonly tap: number;
  readonly offset: number;
}

/** The two taps that decide an output pixel at `place` of its block, nearer the beginning first. */
function tapsOf(place: number, stride: number): Tap[] {
  const at = place + Math.floor(stride / 2); // TensorFlow's `same` cuts that much before the first output
  const other = at >= stride ? { tap: at - stride, offset: 1 } : { tap: at + stride, offset: -1 };
  return [{ tap: at, offset: 0 }, other].sort((a, b) => a.offset - b.offset);
}

/** The kernel of 2 × 2 taps `[out, in, 2, 2]`. */
function gather({ shape, data }: TensorData, rows: readonly Tap[], columns: readonly Tap[]): TensorData {
  const [, width = 0, out = 0, inner = 0] = shape;
  const taps = rows.flatMap((row) => columns.map((column) => row.tap * width + column.tap));
  const gathered = new Float32Array(out * inner * taps.length);
  taps.forEach((tap, to) => {
    for (let pair = 0; pair < out * inner; pair++) {
      gathered[pair * taps.length + to] = data[tap * out * inner + pair] ?? 0;
    }
  });
  return { shape: [out, inner, rows.length, columns.length], data: gathered };
}
