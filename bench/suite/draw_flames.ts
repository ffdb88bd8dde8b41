import type { Flame } from "./fold_stacks.ts";

const [WIDTH, ROW, TOP, LETTER] = [1200, 18, 44, 6.2];
/** Narrower boxes are left out, pixels. */
const LEAST = 1;
const COLOURS = ["#f2a65a", "#f6c177", "#eb8258", "#f4d58d", "#e59866"];

/** A flame graph, what is called below its caller, as an SVG picture: the wider a box, the more processor time. */
export function drawFlames(title: string, flame: Flame): string {
  const boxes: string[] = [];
  let depth = 0;
  const draw = (box: Flame, left: number, level: number) => {
    const width = WIDTH * box.seconds / flame.seconds;
    if (width < LEAST) return;
    depth = Math.max(depth, level);
    boxes.push(boxOf(box, { left, width, y: TOP + level * ROW, share: box.seconds / flame.seconds }));
    const below = [...box.below.values()].sort((a, b) => b.seconds - a.seconds || (a.name < b.name ? -1 : 1));
    for (const child of below) {
      draw(child, left, level + 1);
      left += WIDTH * child.seconds / flame.seconds;
    }
  };
  draw(flame, 0, 0);
  const height = TOP + (depth + 1) * ROW + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" ` +
    `font-size="11"><rect width="100%" height="100%" fill="white"/>` +
    `<text x="10" y="26" font-size="15">${escaped(title)}</text>\n${boxes.join("\n")}</svg>\n`;
}

interface Place {
  readonly left: number;
  readonly width: number;
  readonly y: number;
  readonly share: number;
}

function boxOf({ name, seconds }: Flame, { left, width, y, share }: Place): string {
  const about = `${name}: ${(100 * share).toFixed(1)} %, ${seconds.toFixed(2)} s`;
  const letters = Math.floor((width - 6) / LETTER);
  const shown = about.length <= letters
    ? about
    : name.slice(name.lastIndexOf("/") + 1).slice(0, Math.max(0, letters));
  const colour = COLOURS[[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS.length];
  const text = shown.length < 3
    ? ""
    : `<text x="${(left + 3).toFixed(1)}" y="${y + 13}">${escaped(shown)}</text>`;
  return `<g><title>${escaped(about)}</title><rect x="${left.toFixed(1)}" y="${y}" width="${
    (width - 0.5).toFixed(1)
  }" height="${ROW - 1}" fill="${colour}"/>${text}</g>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
