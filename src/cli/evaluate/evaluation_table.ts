import type { Evaluation, Flicker, PictureQuality, Quality } from "../../train/evaluate/evaluate.ts";
import { counted, textTable } from "../format_text.ts";

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

/** An evaluation as text: every picture, the flicker of sequences, then the paper's table with this network added. */
export function evaluationTable(evaluation: Evaluation, published: PublishedTable): string {
  const { pictures, mean } = evaluation;
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
  return `${qualityTable(evaluation)}\n${
    flickerTable(pictures)
  }${published.title}; this network over ${count}\n${table}` +
    `* As published. Comparable only over ${published.comparable}.\n`;
}

/** Every picture, and means: of each sequence, of the pictures with both neighbours, of all. */
function qualityTable({ pictures, mean }: Evaluation): string {
  const others = Object.keys(pictures[0]?.others ?? {});
  const row = (
    name: string,
    { psnrBlurry, psnr, gain, ssimBlurry, ssim }: Quality,
    of: readonly PictureQuality[],
  ) => [
    name,
    psnrBlurry.toFixed(2),
    psnr.toFixed(2),
    signed(gain),
    ...others.map((other) => signed(meanOf(of, ({ others }) => others?.[other] ?? NaN))),
    ssimBlurry.toFixed(4),
    ssim.toFixed(4),
    meanOf(of, ({ seconds }) => seconds).toFixed(2),
  ];
  const meanRow = (name: string, of: readonly PictureQuality[]) => {
    const quality = (key: keyof Quality) => meanOf(of, (picture) => picture[key]);
    const [psnrBlurry, psnr, gain] = [quality("psnrBlurry"), quality("psnr"), quality("gain")];
    return row(
      name,
      { psnrBlurry, psnr, gain, ssimBlurry: quality("ssimBlurry"), ssim: quality("ssim") },
      of,
    );
  };
  const sequences = [...bySequence(pictures)];
  const inner = pictures.filter(({ neighbours }) => neighbours === 2);
  return textTable([
    [
      "Picture",
      "PSNR blurry",
      "PSNR",
      "gain",
      ...others.map((name) => `gain ${name}`),
      "SSIM blurry",
      "SSIM",
      "seconds",
    ],
    ...pictures.map((picture) => row(picture.name, picture, [picture])),
    ...(sequences.length > 1 ? sequences.map(([name, of]) => meanRow(`mean of ${name}`, of)) : []),
    ...sequences.map(([name, of]) => [name, of.filter((picture) => inner.includes(picture))] as const)
      .filter(([, of]) => of.length > 0)
      .map(([name, of]) => meanRow(`with both neighbours, ${name}`, of)),
    row("mean", mean, pictures),
  ]);
}

/** Empty where no picture follows another. */
function flickerTable(pictures: readonly PictureQuality[]): string {
  const row = (name: string, flickers: readonly Flicker[]) => {
    const columns = (of: Flicker) => [of.sharp, of.blurry, of.restored, ...Object.values(of.others)];
    const [first] = flickers.map(columns);
    return [name, ...(first ?? []).map((_, i) => meanOf(flickers, (of) => columns(of)[i] ?? NaN).toFixed(2))];
  };
  const sequences = [...bySequence(pictures)]
    .map(([name, of]) => [name, of.map(({ flicker }) => flicker).filter((of) => of !== undefined)] as const)
    .filter(([, flickers]) => flickers.length > 0);
  if (sequences.length === 0) return "";
  const others = Object.keys(sequences[0]?.[1][0]?.others ?? {});
  const table = textTable([
    ["Sequence", "sharp", "blurry", "restored", ...others],
    ...sequences.map(([name, flickers]) => row(name, flickers)),
  ]);
  return `Flicker: mean absolute difference of consecutive pictures after alignment, grey levels\n${table}\n`;
}

/** Pictures by what their names have in front of the last part. */
function bySequence(pictures: readonly PictureQuality[]): Map<string, PictureQuality[]> {
  return Map.groupBy(
    pictures,
    ({ name }) => name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "pictures",
  );
}

function meanOf<T>(all: readonly T[], value: (one: T) => number): number {
  return all.reduce((sum, one) => sum + value(one), 0) / all.length;
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}
