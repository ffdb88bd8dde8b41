import { KernelMemory } from "../../motion/kernel_memory.ts";
import { drawBackground } from "../../motion/kernels.wasm";

/**
 * A picture in front of the virtual camera, as light: samples interleaved, `channels` 3 (RGB), or 4 (RGB multiplied by opacity, then
 * opacity).
 */
export interface Layer {
  /** Light, 0 … 1. */
  readonly data: Float32Array<ArrayBuffer>;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Samples per pixel. */
  readonly channels: 3 | 4;
}

/** The affine map from canvas to layer: `x' = a·x + b·y + c`, `y' = d·x + e·y + f`, in pixels, with pixel centres at whole numbers. */
export interface Affine {
  /** `∂x'/∂x`. */
  readonly a: number;
  /** `∂x'/∂y`. */
  readonly b: number;
  /** `x'` at the origin, pixels. */
  readonly c: number;
  /** `∂y'/∂x`. */
  readonly d: number;
  /** `∂y'/∂y`. */
  readonly e: number;
  /** `y'` at the origin, pixels. */
  readonly f: number;
}

/**
 * Shift of the sampling grid in shifted linear interpolation (Blu, Thévenaz and Unser, 2004): two taps per axis, nearly the quality of
 * cubic interpolation, and exact at whole positions. Plain bilinear sampling would blur every frame but the middle one, and a network
 * would learn to undo that blur.
 */
const SHIFT = 0.21132486540518713; // as in kernels.wasm

/** Prepares `layer` for {@linkcode drawLayer}, in place: its samples become interpolation coefficients. */
export function prepareLayer(layer: Layer): Layer {
  const { data, width, height, channels } = layer;
  const stride = width * channels;
  const gain = 1 / (1 - SHIFT);
  for (let y = 0; y < height; y++) {
    const end = (y + 1) * stride;
    for (let i = y * stride + channels; i < end; i++) {
      data[i] = gain * ((data[i] as number) - SHIFT * (data[i - channels] as number));
    }
  }
  for (let i = stride; i < data.length; i++) {
    data[i] = gain * ((data[i] as number) - SHIFT * (data[i - stride] as number));
  }
  return layer;
}

/**
 * Draws a prepared layer on `canvas` (RGB light, `width` pixels per row). A layer of 3 channels fills the canvas, with its edge
 * repeated; one of 4 is blended over it, and is transparent outside its own area.
 */
export function drawLayer(canvas: Float32Array, width: number, layer: Layer, map: Affine): void {
  if (layer.channels === 4) return drawObject(canvas, width, layer, map);
  const memory = new KernelMemory();
  const placed = { layer: memory.copy(layer.data), canvas: memory.room(canvas.byteLength) };
  drawPlaced(placed, layer, map, { width, height: canvas.length / 3 / width });
  canvas.set(memory.floats(placed.canvas, canvas.length));
}

/**
 * Draws a prepared layer of 3 channels on a canvas, both in the memory of the kernels.
 *
 * @param placed Addresses of the layer's data and of the canvas.
 */
export function drawPlaced(
  placed: { readonly layer: number; readonly canvas: number },
  { width, height }: Pick<Layer, "width" | "height">,
  { a, b, c, d, e, f }: Affine,
  canvas: { readonly width: number; readonly height: number },
): void {
  drawBackground(placed.layer, width, height, a, b, c, d, e, f, placed.canvas, canvas.width, canvas.height);
}

function drawObject(
  canvas: Float32Array,
  width: number,
  { data, width: w, height: h }: Layer,
  map: Affine,
): void {
  const height = canvas.length / 3 / width;
  const stride = w * 4;
  for (let y = 0; y < height; y++) {
    const [from, to] = span(map, y, width, w, h);
    let u = map.a * from + map.b * y + map.c - SHIFT;
    let v = map.d * from + map.e * y + map.f - SHIFT;
    for (let x = from, out = (y * width + from) * 3; x < to; x++, out += 3, u += map.a, v += map.d) {
      if (u < 0 || v < 0 || u >= w - 1 || v >= h - 1) continue; // rounding error at the ends of the span
      const ix = u | 0;
      const iy = v | 0;
      const fx = u - ix;
      const fy = v - iy;
      const p = iy * stride + ix * 4;
      const q = p + stride;
      const w11 = fx * fy;
      const w01 = fx - w11;
      const w10 = fy - w11;
      const w00 = 1 - fx - w10;
      const clear = 1 -
        (w00 * (data[p + 3] as number) + w01 * (data[p + 7] as number) + w10 * (data[q + 3] as number) +
          w11 * (data[q + 7] as number));
      for (let c = 0; c < 3; c++) {
        canvas[out + c] = clear * (canvas[out + c] as number) + w00 * (data[p + c] as number) +
          w01 * (data[p + 4 + c] as number) + w10 * (data[q + c] as number) +
          w11 * (data[q + 4 + c] as number);
      }
    }
  }
}

/** First canvas column of row `y` that may be on the layer, and the one after the last. */
function span(map: Affine, y: number, width: number, w: number, h: number): [number, number] {
  let [from, to] = [0, width];
  for (
    const [slope, start, size] of [[map.a, map.b * y + map.c, w], [map.d, map.e * y + map.f, h]] as const
  ) {
    const [low, high] = [SHIFT - start, size - 1 + SHIFT - start];
    if (Math.abs(slope) < 1e-9) {
      if (low > 0 || high < 0) return [0, 0];
      continue;
    }
    const ends = slope > 0 ? [low / slope, high / slope] : [high / slope, low / slope];
    from = Math.max(from, Math.floor(ends[0] ?? 0));
    to = Math.min(to, Math.ceil(ends[1] ?? 0) + 1);
  }
  return [from, to];
}
