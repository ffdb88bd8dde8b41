import { drawCurves, type Point } from "./draw_curves.ts";

/** One line of `metrics.jsonl`: a step, or the validation after it. */
export interface MetricsLine {
  /** Steps taken. */
  readonly step: number;
  /** Seconds trained. */
  readonly seconds: number;
  /** Loss of the batch; absent for a validation. */
  readonly loss?: number;
  /** Loss of the unchanged blurry pictures. */
  readonly lossOfNothing?: number;
  /** Learning rate. */
  readonly rate?: number;
  /** Measured on validation pairs; absent for a step. */
  readonly validation?: {
    /** Mean gain in PSNR over the blurry pictures, in dB. */
    readonly gain: number;
    /** Lowest PSNR of a restored sharp picture against itself, in dB; at most 100, that of an unchanged one. */
    readonly sharp: number;
    /** Gain of each picture by its name, in dB. */
    readonly pictures: Readonly<Record<string, number>>;
  };
}

/** Number of points of a curve; with more steps, they are averaged. */
const POINTS = 200;

/** The curves of a run as an SVG picture: loss relative to that of the unchanged blurry pictures, and gain on validation pictures. */
export function trainingCurve(lines: readonly MetricsLine[]): string {
  const ratio = averaged(lines);
  const gain = lines.flatMap(({ step, validation }) =>
    validation === undefined ? [] : [{ x: step, y: validation.gain }]
  );
  const last = Math.max(1, lines.at(-1)?.step ?? 0);
  return drawCurves([
    { title: "loss / loss of the blurry input", points: ratio, level: 1 },
    ...(gain.length > 0
      ? [{ title: "validation: gain over the blurry input, dB", points: gain, level: 0 }]
      : []),
  ], { last, label: `step ${last}` });
}

/** Ratios of sums, not means of ratios, because steps with little blur say little. */
function averaged(lines: readonly MetricsLine[]): Point[] {
  const steps = lines.filter(({ loss }) => loss !== undefined);
  const size = Math.max(1, Math.ceil(steps.length / POINTS));
  const points: Point[] = [];
  for (let i = 0; i < steps.length; i += size) {
    const group = steps.slice(i, i + size);
    const sum = (key: "loss" | "lossOfNothing") => group.reduce((total, line) => total + (line[key] ?? 0), 0);
    const y = sum("loss") / sum("lossOfNothing");
    if (Number.isFinite(y)) points.push({ x: group.at(-1)?.step ?? 0, y });
  }
  return points;
}
