/** A bar of {@linkcode drawBars}. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

const [LEFT, WIDTH, ROW] = [220, 420, 28];

/** Bars below each other, as long as their values, as an SVG picture. */
export function drawBars(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, text }, i) => {
    const [y, length] = [50 + i * ROW, WIDTH * value / most];
    return [
      `<text x="${LEFT - 10}" y="${y + 14}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="18" fill="#3b82c4"/>`,
      `<text x="${(LEFT + length + 6).toFixed(1)}" y="${y + 14}">${escaped(text)}</text>`,
    ].join("");
  });
  const size = `width="${LEFT + WIDTH + 220}" height="${60 + bars.length * ROW}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="13">` +
    `<rect width="100%" height="100%" fill="white"/><text x="20" y="28" font-size="15">${
      escaped(title)
    }</text>` +
    `${rows.join("")}</svg>\n`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
