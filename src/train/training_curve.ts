/** One line of `metrics.jsonl`: a step, or what a validation measured after it. */
export interface MetricsLine {
  /** Steps taken. */
  readonly step: number;
  /** Seconds trained. */
  readonly seconds: number;
  /** Loss of the batch; absent for a validation. */
  readonly loss?: number;
  /** Loss of handing the blurry pictures back. */
  readonly lossOfNothing?: number;
  /** Learning rate. */
  readonly rate?: number;
  /** What was measured on validation pairs; absent for a step. */
  readonly validation?: {
    /** Mean PSNR over that of the blurry pictures, in dB. */
    readonly gain: number;
    /** PSNR of the worst sharp picture restored, against itself, in dB; at most 100, which is that of one unchanged. */
    readonly sharp: number;
    /** Gain of each picture by its name, in dB. */
    readonly pictures: Readonly<Record<string, number>>;
  };
}

const WIDTH = 720;
const PANEL = { left: 60, width: 640, height: 170 } as const;
/** Points of a curve; more steps are averaged. */
const POINTS = 200;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The curves of a run as an SVG picture: loss as a share of the loss of doing nothing, and gain on validation pictures. */
export function trainingCurve(lines: readonly MetricsLine[]): string {
  const ratio = averaged(lines);
  const gain = lines.flatMap(({ step, validation }) =>
    validation === undefined ? [] : [{ x: step, y: validation.gain }]
  );
  const last = Math.max(1, ...lines.slice(-1).map(({ step }) => step));
  const panels = [
    panel(30, "loss / loss of doing nothing", ratio, last, 1),
    ...(gain.length > 0 ? [panel(270, "validation: gain over the blurry input, dB", gain, last, 0)] : []),
  ];
  const height = 30 + 240 * panels.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="white"/>
${panels.join("\n")}
</svg>
`;
}

/** Ratios of sums, not sums of ratios: a step with hardly any blur says little. */
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

/** @param level A line to compare with. */
function panel(top: number, title: string, points: readonly Point[], lastX: number, level: number): string {
  const values = [...points.map(({ y }) => y), level];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = high - low || 1;
  const x = (value: number) => (PANEL.left + PANEL.width * value / lastX).toFixed(1);
  const y = (value: number) => (top + PANEL.height * (1 - (value - low) / range)).toFixed(1);
  const path = points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ");
  const bottom = top + PANEL.height;
  const tick = (value: number) =>
    `<text x="${PANEL.left - 6}" y="${y(value)}" dy="4" text-anchor="end">${value.toPrecision(3)}</text>`;
  return `<text x="${PANEL.left}" y="${top - 10}" font-weight="bold">${title}</text>
<rect x="${PANEL.left}" y="${top}" width="${PANEL.width}" height="${PANEL.height}" fill="none" stroke="#bbb"/>
<path d="M${x(0)},${y(level)}H${x(lastX)}" stroke="#888" stroke-dasharray="4 4"/>
<polyline points="${path}" fill="none" stroke="#0a58ca" stroke-width="1.5"/>
${tick(low)}${high === low ? "" : tick(high)}
<text x="${PANEL.left}" y="${bottom + 18}">0</text>
<text x="${PANEL.left + PANEL.width}" y="${bottom + 18}" text-anchor="end">step ${lastX}</text>`;
}
