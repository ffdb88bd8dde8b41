import type { Picture } from "../../frame.ts";
import { type Layer, prepareLayer } from "./layer.ts";

/** Options of {@linkcode cutLayer}. */
export interface CutOptions {
  /** Side of the square after scaling, pixels. */
  readonly size: number;
  /** Pixels added on every side, after scaling; outside the photo its edge is repeated. */
  readonly margin: number;
  /** Scale of the photo, 0 … 1, by area averaging; increased if the photo would become smaller than `size`. */
  readonly scale: number;
  /** Light of each byte value. */
  readonly light: Float64Array;
  /** Random numbers in [0, 1), which decide the position. */
  readonly random: () => number;
}

/**
 * A square at a random position of a photo, prepared for the virtual camera.
 *
 * @throws {RangeError} if the photo is smaller than the square, or not of 8 bits.
 */
export function cutLayer(photo: Picture, options: CutOptions): Layer {
  return prepareLayer(cutSquare(photo, options));
}

function cutSquare(photo: Picture, { size, margin, scale, light, random }: CutOptions): Layer {
  const { width, height } = photo;
  if (width < size || height < size) {
    throw new RangeError(`Cannot cut ${size}x${size} pixels out of a photo of ${width}x${height}`);
  }
  const step = 1 / Math.min(1, Math.max(scale, size / width, size / height));
  const left = Math.floor(random() * (width - size * step + 1)) - margin * step;
  const top = Math.floor(random() * (height - size * step + 1)) - margin * step;
  const side = size + 2 * margin;
  const columns = areaTaps(left, step, side, width);
  const rows = areaTaps(top, step, side, height);
  const bytes = photo.data;
  if (bytes.BYTES_PER_ELEMENT !== 1) {
    throw new RangeError("Cannot cut a photo of 16 bits: only 8 bits are supported");
  }
  const data = new Float32Array(side * side * 3);
  const line = new Float32Array(side * 3);
  let lineRow = -1;
  for (let y = 0; y < side; y++) {
    for (let j = rows.start[y] as number; j < (rows.start[y + 1] as number); j++) {
      const row = rows.index[j] as number;
      if (row !== lineRow) reduceRow(bytes, row * width * 3, light, columns, line);
      lineRow = row;
      const weight = rows.weight[j] as number;
      for (let i = 0, out = y * line.length; i < line.length; i++, out++) {
        data[out] = (data[out] as number) + weight * (line[i] as number);
      }
    }
  }
  return { data, width: side, height: side, channels: 3 };
}

/** The source pixels (or rows) of each output, and their weights. */
interface Taps {
  /** Index of the first tap of each output, and one more entry for the end. */
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/** Output `i` is the mean of the source from `first + i·step` to `first + (i + 1)·step`. */
function areaTaps(first: number, step: number, count: number, sourceLength: number): Taps {
  const most = count * (Math.ceil(step) + 1);
  const taps = {
    start: new Int32Array(count + 1),
    index: new Int32Array(most),
    weight: new Float64Array(most),
  };
  let at = 0;
  for (let i = 0; i < count; i++) {
    const [from, to] = [first + i * step, first + (i + 1) * step];
    for (let source = Math.floor(from); source < to - 1e-9; source++) {
      const weight = Math.min(to, source + 1) - Math.max(from, source);
      if (weight < 1e-9) continue;
      taps.index[at] = Math.min(sourceLength - 1, Math.max(0, source));
      taps.weight[at++] = weight / step;
    }
    taps.start[i + 1] = at;
  }
  return taps;
}

/** Downscales one row of the photo, as light, into `line`. */
function reduceRow(
  bytes: Picture["data"],
  row: number,
  light: Float64Array,
  columns: Taps,
  line: Float32Array,
): void {
  const { start, index, weight } = columns;
  for (let x = 0, out = 0; x + 1 < start.length; x++, out += 3) {
    let [red, green, blue] = [0, 0, 0];
    for (let j = start[x] as number; j < (start[x + 1] as number); j++) {
      const p = row + (index[j] as number) * 3;
      const w = weight[j] as number;
      red += w * (light[bytes[p] as number] as number);
      green += w * (light[bytes[p + 1] as number] as number);
      blue += w * (light[bytes[p + 2] as number] as number);
    }
    line[out] = red;
    line[out + 1] = green;
    line[out + 2] = blue;
  }
}

/** An object with soft edges (an ellipse, a box or a shape between them), cut out at a random position of a photo. */
export function cutObject(photo: Picture, options: Omit<CutOptions, "margin">): Layer {
  const { size, random } = options;
  const { data } = cutSquare(photo, { ...options, margin: 0 });
  const out = new Float32Array(size * size * 4);
  const power = 2 + 6 * random() ** 2; // 2 is an ellipse, 8 nearly a box
  const flat = 0.4 + 0.6 * random();
  const angle = random() * Math.PI;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const radius = size / 2 - 3;
  const soft = 0.7 + 1.5 * random();
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i++) {
      const [dx, dy] = [x - size / 2, y - size / 2];
      const u = Math.abs(dx * cos + dy * sin) / radius;
      const v = Math.abs(dy * cos - dx * sin) / (radius * flat);
      const inside = (1 - (u ** power + v ** power) ** (1 / power)) * radius * flat;
      const opacity = Math.min(1, Math.max(0, inside / soft + 0.5));
      for (let c = 0; c < 3; c++) out[4 * i + c] = opacity * (data[3 * i + c] as number);
      out[4 * i + 3] = opacity;
    }
  }
  return prepareLayer({ data: out, width: size, height: size, channels: 4 });
}
