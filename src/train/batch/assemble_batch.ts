import { FLOW_CELL } from "../../model/network/config.ts";
import type { TrainConfig } from "../config.ts";
import type { Batch } from "./batch.ts";
import { type Colours, randomColours, TRUE_COLOURS } from "./recolour.ts";
import type { Sample, SampleNeighbour } from "./sample.ts";

/** The part of a training config that decides how a batch is assembled from samples. */
export type BatchConfig = Pick<TrainConfig, "batch" | "crop" | "network" | "colourShare" | "missingShare">;

/** How one sample is used in one batch. */
interface SampleUse {
  /** Position of the crop in the sample, pixels. */
  readonly left: number;
  readonly top: number;
  /** Mirrored horizontally (bit 0), vertically (bit 1), and transposed (bit 2). */
  readonly flip: number;
  readonly colours: Colours;
  /** The sample's neighbours in the order of the network's input; `undefined` if it gets none. */
  readonly neighbours: readonly (SampleNeighbour | undefined)[];
}

/**
 * Makes a batch of one crop of each sample: at a random position, mirrored, rotated by a multiple of 90°, with changed colours, reversed in time, without
 * one neighbour or both.
 *
 * @param random Random numbers in [0, 1), which decide all that.
 */
export function assembleBatch(samples: readonly Sample[], config: BatchConfig, random: () => number): Batch {
  const { batch, crop, network: { frames } } = config;
  const [pixels, cells] = [crop * crop * 3, (crop / FLOW_CELL) ** 2 * 2];
  const made: Batch = {
    blurry: new Float32Array(batch * pixels),
    sharp: new Float32Array(batch * pixels),
    neighbours: Array.from({ length: frames - 1 }, () => ({
      moved: new Float32Array(batch * pixels),
      flow: new Float32Array(batch * cells),
    })),
  };
  samples.forEach((sample, i) => {
    const use = randomUse(sample, config, random);
    const place = (all: Float32Array, size: number) => all.subarray(i * size, (i + 1) * size);
    copyPixels(sample.blurry, place(made.blurry, pixels), sample.side, crop, use);
    copyPixels(sample.sharp, place(made.sharp, pixels), sample.side, crop, use);
    made.neighbours.forEach(({ moved, flow }, n) => {
      const neighbour = use.neighbours[n];
      copyPixels(neighbour?.moved ?? sample.blurry, place(moved, pixels), sample.side, crop, use);
      if (neighbour) copyFlow(neighbour.flow, place(flow, cells), sample.side, crop, use);
    });
  });
  return made;
}

function randomUse({ side, neighbours }: Sample, config: BatchConfig, random: () => number): SampleUse {
  const { crop, colourShare, missingShare } = config;
  const step = neighbours.length > 0 ? FLOW_CELL : 1; // in whole cells
  const place = () => step * Math.floor(random() * ((side - crop) / step + 1));
  const [left, top, flip] = [place(), place(), Math.floor(random() * 8)];
  const colours = colourShare > 0 && random() < colourShare ? randomColours(random) : TRUE_COLOURS;
  if (neighbours.length === 0) return { left, top, flip, colours, neighbours };
  const inTime = random() < 0.5 ? neighbours : neighbours.toReversed();
  // Two in five lack the previous frame, two the next, one both.
  const lacking = random() < missingShare ? [[0], [0], [1], [1], [0, 1]][Math.floor(5 * random())] ?? [] : [];
  return { left, top, flip, colours, neighbours: inTime.map((n, i) => lacking.includes(i) ? undefined : n) };
}

/** Copies a crop of RGB bytes as values 0 … 1. */
function copyPixels(from: Uint8Array, to: Float32Array, side: number, size: number, use: SampleUse): void {
  const { order: [red, green, blue], tables: [reds, greens, blues] } = use.colours;
  const { first, stepX, stepY } = traversal(use.flip, side, size, 3);
  const start = 3 * (use.top * side + use.left) + first;
  for (let y = 0, target = 0; y < size; y++) {
    for (let x = 0, source = start + y * stepY; x < size; x++, source += stepX, target += 3) {
      to[target] = reds[from[source + red] as number] as number;
      to[target + 1] = greens[from[source + green] as number] as number;
      to[target + 2] = blues[from[source + blue] as number] as number;
    }
  }
}

/** Copies the flow of a crop, its vectors mirrored and transposed like the pixels. */
function copyFlow(from: Float32Array, to: Float32Array, side: number, size: number, use: SampleUse): void {
  const [across, cells] = [side / FLOW_CELL, size / FLOW_CELL];
  const { first, stepX, stepY } = traversal(use.flip, across, cells, 2);
  const start = 2 * (use.top / FLOW_CELL * across + use.left / FLOW_CELL) + first;
  const [right, down] = [use.flip & 1 ? -1 : 1, use.flip & 2 ? -1 : 1];
  const swap = use.flip & 4 ? 1 : 0;
  for (let y = 0, target = 0; y < cells; y++) {
    for (let x = 0, source = start + y * stepY; x < cells; x++, source += stepX, target += 2) {
      to[target + swap] = right * (from[source] as number);
      to[target + 1 - swap] = down * (from[source + 1] as number);
    }
  }
}

/** Index of the first value of a mirrored and transposed square in rows of `side`, and the steps to the next value to the right and down. */
function traversal(flip: number, side: number, size: number, channels: number) {
  const last = size - 1;
  const mirrorX = (flip & 1) !== 0;
  const mirrorY = (flip & 2) !== 0;
  const column = mirrorX ? -channels : channels;
  const row = (mirrorY ? -channels : channels) * side;
  const first = (mirrorX ? last * channels : 0) + (mirrorY ? last * channels * side : 0);
  return flip & 4 ? { first, stepX: row, stepY: column } : { first, stepX: column, stepY: row };
}
