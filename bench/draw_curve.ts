/**
 * Draws the table of gains over training hours of a model card: a curve for each column whose name begins with "gain".
 *
 * deno run --allow-read --allow-write=docs bench/draw_curve.ts [weights/fast.md [docs/gain_over_hours.svg]]
 */
import { readFile, writeFile } from "node:fs/promises";
import { argv } from "node:process";
import { drawCurves } from "../src/train/report/draw_curves.ts";

const [card = "weights/fast.md", output = "docs/gain_over_hours.svg"] = argv.slice(2);

const rows = (await readFile(card, "utf8")).split("\n").map((line) =>
  line.split("|").slice(1, -1).map((cell) => cell.trim())
);
const start = rows.findIndex((cells) => cells.includes("hours"));
const names = rows[start];
if (names === undefined) throw new TypeError(`${card} has no table with a column "hours"`);
const length = rows.slice(start).findIndex((cells) => cells.length === 0);
const table = rows.slice(start + 2, length < 0 ? undefined : start + length);

const column = (name: string) =>
  table.map((cells) => {
    const value = Number(cells[names.indexOf(name)]);
    if (Number.isFinite(value)) return value;
    throw new TypeError(`${card}: "${cells.join(" | ")}" has no number in column "${name}"`);
  });
const hours = column("hours");
const curves = names.filter((name) => name.startsWith("gain")).map((name) => ({
  title: `${name.replace("gain ", "")}: gain over the blurry input, dB`,
  points: column(name).map((y, i) => ({ x: hours[i] ?? NaN, y })),
  level: 0,
}));
const last = Math.max(...hours);
await writeFile(output, drawCurves(curves, { last, label: `${last} hours` }));
