const WIDTH = 720;
const PANEL = { left: 60, width: 640, height: 170 } as const;

/** A point of a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A curve in a box of its own. */
export interface Curve {
  /** Above the box. */
  readonly title: string;
  /** Sorted by `x`. */
  readonly points: readonly Point[];
  /** Position of a horizontal reference line. */
  readonly level: number;
}

/** Options of {@linkcode drawCurves}. */
export interface DrawCurvesOptions {
  /** Right end of all boxes; they begin at 0. */
  readonly last: number;
  /** Label of that end: "step 500". */
  readonly label: string;
}

/** Draws curves, one below the other, as an SVG picture. */
export function drawCurves(curves: readonly Curve[], options: DrawCurvesOptions): string {
  const height = 30 + 240 * curves.length;
  const panels = curves.map((curve, i) => panel(30 + 240 * i, curve, options));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="white"/>
${panels.join("\n")}
</svg>
`;
}

function panel(top: number, { title, points, level }: Curve, { last, label }: DrawCurvesOptions): string {
  // Not spread into Math.min: a run may have more points than a function takes arguments.
  const low = points.reduce((low, { y }) => Math.min(low, y), level);
  const high = points.reduce((high, { y }) => Math.max(high, y), level);
  const range = high - low || 1;
  const x = (value: number) => (PANEL.left + PANEL.width * value / last).toFixed(1);
  const y = (value: number) => (top + PANEL.height * (1 - (value - low) / range)).toFixed(1);
  const path = points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ");
  const bottom = top + PANEL.height;
  const tick = (value: number) =>
    `<text x="${PANEL.left - 6}" y="${y(value)}" dy="4" text-anchor="end">${value.toPrecision(3)}</text>`;
  return `<text x="${PANEL.left}" y="${top - 10}" font-weight="bold">${title}</text>
<rect x="${PANEL.left}" y="${top}" width="${PANEL.width}" height="${PANEL.height}" fill="none" stroke="#bbb"/>
<path d="M${x(0)},${y(level)}H${x(last)}" stroke="#888" stroke-dasharray="4 4"/>
<polyline points="${path}" fill="none" stroke="#0a58ca" stroke-width="1.5"/>
${tick(low)}${high === low ? "" : tick(high)}
<text x="${PANEL.left}" y="${bottom + 18}">0</text>
<text x="${PANEL.left + PANEL.width}" y="${bottom + 18}" text-anchor="end">${label}</text>`;
}
