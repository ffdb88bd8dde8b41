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
        kernel: gather(transposed, [{ rows, columns }], 2),
        pads: [isFirst(rows) ? 1 : 0, isFirst(columns) ? 1 : 0, isFirst(rows) ? 0 : 1, isFirst(columns) ? 0 : 1],
      };
    })
  );
}

/**
 * A transposed convolution as one convolution of 3 × 3 with `stride`² times the channels, those of a block's first pixel first: 2.25
 * times the multiplications, but a single pass.
 *
 * @param transposed Kernel `[2·stride, 2·stride, out, in]`, TensorFlow's layout.
 */
export function deconvAsConv(transposed: TensorData, stride: number): ConvKernel {
  const places = Array.from({ length: stride }, (_, place) => tapsOf(place, stride));
  const blocks = places.flatMap((rows) => places.map((columns) => ({ rows, columns })));
  return { kernel: gather(transposed, blocks, 3), pads: [1, 1, 1, 1] };
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

/** Kernels of `side` × `side` taps, one block after the other: around the middle if there is one, else from the first tap on. */
function gather(
  { shape, data }: TensorData,
  blocks: readonly { readonly rows: readonly Tap[]; readonly columns: readonly Tap[] }[],
  side: 2 | 3,
): TensorData {
  const [, width = 0, out = 0, inner = 0] = shape;
  const gathered = new Float32Array(blocks.length * out * inner * side * side);
  const place = ({ offset }: Tap, taps: readonly Tap[]) => offset - (side === 3 ? -1 : taps[0]?.offset ?? 0);
  blocks.forEach(({ rows, columns }, block) => {
    for (const row of rows) {
      for (const column of columns) {
        const to = place(row, rows) * side + place(column, columns);
        const from = (row.tap * width + column.tap) * out * inner;
        for (let pair = 0; pair < out * inner; pair++) {
          gathered[(block * out * inner + pair) * side * side + to] = data[from + pair] ?? 0;
        }
      }
    }
  });
  return { shape: [blocks.length * out, inner, side, side], data: gathered };
}
