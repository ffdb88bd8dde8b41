import type { Evaluation, Quality } from "../../train/evaluate/evaluate.ts";
import { counted } from "../format_text.ts";
import { textTable } from "../format_text.ts";

/** A table of results from the paper. */
export interface PublishedTable {
  readonly title: string;
  /** The data over which other results are comparable with these. */
  readonly comparable: string;
  readonly rows: readonly { readonly method: string; readonly psnr: number; readonly ssim: number }[];
}

/** Table 1 of the paper. */
export const TABLE_1: PublishedTable = {
  title: "Table 1. Mean PSNR and SSIM over the GoPro dataset",
  comparable: "the full GoPro test set (1111 pairs)",
  rows: [
    { method: "Nah [10]", psnr: 29.08, ssim: 0.914 },
    { method: "Tao [11]", psnr: 30.10, ssim: 0.924 },
    { method: "Kupyn [14]", psnr: 28.70, ssim: 0.958 },
    { method: "Kupyn [15]", psnr: 28.17, ssim: 0.925 },
    { method: "Paper w/o TWN", psnr: 30.18, ssim: 0.926 },
    { method: "Paper", psnr: 30.56, ssim: 0.933 },
  ],
};

/** Table 2 of the paper. */
export const TABLE_2: PublishedTable = {
  title: "Table 2. Mean PSNR and SSIM over the Köhler dataset",
  comparable: "the full Köhler benchmark (48 pictures)",
  rows: [
    { method: "Xu [6]", psnr: 29.96, ssim: 0.876 },
    { method: "Pan [8]", psnr: 30.20, ssim: 0.888 },
    { method: "Nah [10]", psnr: 26.48, ssim: 0.807 },
    { method: "Tao [11]", psnr: 26.75, ssim: 0.837 },
    { method: "Kupyn [14]", psnr: 26.10, ssim: 0.816 },
    { method: "Kupyn [15]", psnr: 26.36, ssim: 0.820 },
    { method: "Paper", psnr: 26.80, ssim: 0.840 },
  ],
};

/** An evaluation as text: every picture, then the paper's table with this network added. */
export function evaluationTable({ pictures, mean }: Evaluation, published: PublishedTable): string {
  const seconds = pictures.reduce((sum, picture) => sum + picture.seconds, 0) / pictures.length;
  const row = (name: string, quality: Quality, seconds: number) => [
    name,
    quality.psnrBlurry.toFixed(2),
    quality.psnr.toFixed(2),
    signed(quality.gain),
    quality.ssimBlurry.toFixed(4),
    quality.ssim.toFixed(4),
    seconds.toFixed(2),
  ];
  const perPicture = textTable([
    ["Picture", "PSNR blurry", "PSNR", "gain", "SSIM blurry", "SSIM", "seconds"],
    ...pictures.map((picture) => row(picture.name, picture, picture.seconds)),
    row("mean", mean, seconds),
  ]);
  const columns = [
    ...published.rows.map(({ method, psnr, ssim }) => ({ method: `${method}*`, psnr, ssim })),
    { method: "Blurry input", psnr: mean.psnrBlurry, ssim: mean.ssimBlurry },
    { method: "This network", psnr: mean.psnr, ssim: mean.ssim },
  ];
  const table = textTable([
    ["Method", ...columns.map(({ method }) => method)],
    ["PSNR", ...columns.map(({ psnr }) => psnr.toFixed(2))],
    ["SSIM", ...columns.map(({ ssim }) => ssim.toFixed(3))],
  ]);
  const count = counted(pictures.length, "picture");
  return `${perPicture}\n${published.title}; this network over ${count}\n${table}` +
    `* As published. Comparable only over ${published.comparable}.\n`;
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}
