/** Samples of a picture, channels interleaved. */
export interface Plane {
  readonly samples: Uint8Array | Float32Array;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly channels: number;
}

/** A plane with a border, `margin` pixels wide, that only translations read. */
export interface FramedPlane extends Plane {
  readonly margin: number;
}

/** Comparison of a picture R with a scaled picture E at one translation, inside the margin. */
export interface ShiftedSums {
  /** Intensity scale a that minimises Σ (R − aE)². */
  readonly scale: number;
  /** That minimum. */
  readonly error: number;
  /** The Gauss-Newton step, at most one pixel each way: R ≈ a (E + dx ∂E/∂x + dy ∂E/∂y). */
  step(): { dx: number; dy: number };
}

/** Cubic convolution (Keys, 1981, a = −½): weights of the four samples around a position `t` beyond the second. */
function cubic(t: number): readonly [number, number, number, number] {
  return [
    t * (-0.5 + t * (1 - 0.5 * t)),
    1 + t * t * (-2.5 + 1.5 * t),
    t * (0.5 + t * (2 - 1.5 * t)),
    t * t * (-0.5 + 0.5 * t),
  ];
}

/** Its derivative by `t`. */
function cubicSlope(t: number): readonly [number, number, number, number] {
  return [-0.5 + t * (2 - 1.5 * t), t * (-5 + 4.5 * t), 0.5 + t * (4 - 4.5 * t), t * (-1 + 1.5 * t)];
}

/** The samples inside the margin, taken from (x + dx, y + dy). */
export function shiftSamples(moving: FramedPlane, dx: number, dy: number): Float32Array {
  const columns = (moving.width - 2 * moving.margin) * moving.channels;
  const out = new Float32Array(columns * (moving.height - 2 * moving.margin));
  eachRow(moving, dx, dy, false, (row, values) => out.set(values, row * columns));
  return out;
}

/** Compares `moving`, translated by (dx, dy), with `fixed`, which has the same size and margin. */
export function shiftedSums(moving: FramedPlane, fixed: FramedPlane, dx: number, dy: number): ShiftedSums {
  const sums = new Float64Array(10);
  eachRow(moving, dx, dy, true, (row, values, slopesX, slopesY) => {
    // Sums of this row only: variables of the enclosing function would be slow.
    let [rr, re, rx, ry, ee, ex, ey, xx, xy, yy] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const start = ((row + fixed.margin) * fixed.width + fixed.margin) * fixed.channels;
    for (let i = 0; i < values.length; i++) {
      const r = fixed.samples[start + i] as number;
      const [e, x, y] = [values[i] as number, slopesX[i] as number, slopesY[i] as number];
      rr += r * r;
      re += r * e;
      rx += r * x;
      ry += r * y;
      ee += e * e;
      ex += e * x;
      ey += e * y;
      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
    [rr, re, rx, ry, ee, ex, ey, xx, xy, yy].forEach((sum, i) => sums[i] = (sums[i] as number) + sum);
  });
  const [rr = 0, re = 0, rx = 0, ry = 0, ee = 0, ex = 0, ey = 0, xx = 0, xy = 0, yy = 0] = sums;
  const [scale, error] = ee === 0 ? [0, rr] : [re / ee, rr - re * re / ee];
  return {
    scale,
    error,
    step() {
      const [a, p, q] = solve([[ee, ex, ey, re], [ex, xx, xy, rx], [ey, xy, yy, ry]]);
      if (!(a > 0)) return { dx: 0, dy: 0 };
      return { dx: Math.max(-1, Math.min(1, p / a)), dy: Math.max(-1, Math.min(1, q / a)) };
    },
  };
}

type RowVisitor = (row: number, values: Float64Array, slopesX: Float64Array, slopesY: Float64Array) => void;

/** Interpolates row by row; the arrays are reused for the next row. */
function eachRow(moving: FramedPlane, dx: number, dy: number, slopes: boolean, visit: RowVisitor): void {
  const { width, height, channels, margin } = moving;
  const [left, top] = [Math.floor(dx), Math.floor(dy)];
  const [across, down] = [cubic(dx - left), cubic(dy - top)];
  const [slopeAcross, slopeDown] = [cubicSlope(dx - left), cubicSlope(dy - top)];
  const columns = (width - 2 * margin) * channels;
  const row = () => new Float64Array(columns);
  const ring = Array.from({ length: 4 }, () => ({ values: row(), slopes: row() }));
  const [values, slopesX, slopesY] = [row(), row(), row()];
  const slot = (y: number) => ring[(y + 4 * height) % 4] as { values: Float64Array; slopes: Float64Array };
  const fill = (y: number) => {
    const start = (y * width + margin + left - 1) * channels;
    filterAcross(moving, start, across, slot(y).values);
    if (slopes) filterAcross(moving, start, slopeAcross, slot(y).slopes);
  };
  for (let y = margin + top - 1; y < margin + top + 2; y++) fill(y);
  for (let y = margin; y < height - margin; y++) {
    fill(y + top + 2);
    const rows = [-1, 0, 1, 2].map((k) => slot(y + top + k));
    filterDown(rows.map((row) => row.values), down, values);
    if (slopes) {
      filterDown(rows.map((row) => row.slopes), down, slopesX);
      filterDown(rows.map((row) => row.values), slopeDown, slopesY);
    }
    visit(y - margin, values, slopesX, slopesY);
  }
}

function filterAcross(
  { samples, channels: step }: Plane,
  start: number,
  [a, b, c, d]: readonly [number, number, number, number],
  out: Float64Array,
): void {
  for (let i = 0, j = start; i < out.length; i++, j++) {
    out[i] = a * (samples[j] as number) + b * (samples[j + step] as number) +
      c * (samples[j + 2 * step] as number) + d * (samples[j + 3 * step] as number);
  }
}

function filterDown(
  rows: readonly Float64Array[],
  [a, b, c, d]: readonly [number, number, number, number],
  out: Float64Array,
): void {
  const [first, second, third, fourth] = rows as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < out.length; i++) {
    out[i] = a * (first[i] as number) + b * (second[i] as number) + c * (third[i] as number) +
      d * (fourth[i] as number);
  }
}

type Row = [number, number, number, number];

/** Solves three equations by Gaussian elimination; zeros if a flat picture makes them singular. */
function solve(rows: [Row, Row, Row]): [number, number, number] {
  for (let column = 0; column < 3; column++) {
    const pivotRow = rows[column] as Row;
    const pivot = pivotRow[column] as number;
    if (Math.abs(pivot) < 1e-9) return [0, 0, 0];
    for (const row of rows) {
      if (row === pivotRow) continue;
      const factor = (row[column] as number) / pivot;
      for (let i = column; i < 4; i++) row[i] = (row[i] as number) - factor * (pivotRow[i] as number);
    }
  }
  return rows.map((row, i) => row[3] / (row[i] as number)) as [number, number, number];
}
