// A picture seen by the virtual camera. See src/train/camera/layer.ts.

import { between } from "./numbers";

/** Shift of the sampling grid. As in layer.ts. */
const SHIFT: f64 = 0.21132486540518713;

/**
 * Fills a canvas with what a prepared layer of three floats a pixel shows at `(a x + b y + c, d x + e y + f)`, its edge repeated. Reads and
 * writes 4 bytes beyond both.
 */
export function drawBackground(
  layer: usize,
  layerWidth: i32,
  layerHeight: i32,
  a: f64,
  b: f64,
  c: f64,
  d: f64,
  e: f64,
  f: f64,
  canvas: usize,
  width: i32,
  height: i32,
): void {
  const right = max<f64>(0, <f64> layerWidth - 1 - SHIFT);
  const bottom = max<f64>(0, <f64> layerHeight - 1 - SHIFT);
  const stepX = layerWidth > 1 ? 12 : 0;
  const stepY = layerHeight > 1 ? 12 * layerWidth : 0;
  for (let y = 0; y < height; y++) {
    let u = b * <f64> y + c - SHIFT;
    let v = e * <f64> y + f - SHIFT;
    for (let x = 0; x < width; x++, canvas += 12, u += a, v += d) {
      const atX = min<f64>(right, max<f64>(0, u));
      const atY = min<f64>(bottom, max<f64>(0, v));
      const column = <i32> atX;
      const row = <i32> atY;
      const partX = f32x4.splat(<f32> (atX - <f64> column));
      const partY = f32x4.splat(<f32> (atY - <f64> row));
      const p = layer + 12 * (row * layerWidth + column);
      const upper = between(v128.load(p), v128.load(p + stepX), partX);
      const lower = between(v128.load(p + stepY), v128.load(p + stepY + stepX), partX);
      v128.store(canvas, between(upper, lower, partY)); // red, green, blue, and what the next pixel overwrites
    }
  }
}

/** Moves each of some floats towards another one, by a share of the way, four at a time. */
export function approach(floats: usize, others: usize, count: i32, share: f32): void {
  const part = f32x4.splat(share);
  for (let i = 0; i < 4 * count; i += 16) {
    v128.store(floats + i, between(v128.load(floats + i), v128.load(others + i), part));
  }
}
