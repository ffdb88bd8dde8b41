import { FLOW_CELL } from "../../model/network/config.ts";
import type { TrainConfig } from "../config.ts";
import type { Batch } from "./batch.ts";
import { type Colours, randomColours, TRUE_COLOURS } from "./recolour.ts";
import type { Sample, SampleNeighbour } from "./sample.ts";

/** What of a training config decides a batch, once there are samples. */
export type BatchConfig = Pick<TrainConfig, "batch" | "crop" | "network" | "colourShare" | "missingShare">;

/** What becomes of one sample in one batch. */
interface Use {
  /** Pixels from the sample's left and upper edge to the crop's. */
  readonly left: number;
  readonly top: number;
  /** Mirrored left to right (bit 0), top to bottom (bit 1), and transposed (bit 2). */
  readonly flip: number;
  readonly colours: Colours;
  /** Of the sample's neighbours, in the order that the network is to see; `undefined` is none. */
  readonly neighbours: readonly (SampleNeighbour | undefined)[];
}

/**
 * A batch out of as many samples: of each another part, mirrored, turned by quarters, in other colours, back in time, without one neighbour or both.
 *
 * @param random Numbers in [0, 1); they alone decide all that.
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

function randomUse({ side, neighbours }: Sample, config: BatchConfig, random: () => number): Use {
  const { crop, colourShare, missingShare } = config;
  const step = neighbours.length > 0 ? FLOW_CELL : 1; // cells stay whole
  const place = () => step * Math.floor(random() * ((side - crop) / step + 1));
  const [left, top, flip] = [place(), place(), Math.floor(random() * 8)];
  const colours = colourShare > 0 && random() < colourShare ? randomColours(random) : TRUE_COLOURS;
  if (neighbours.length === 0) return { left, top, flip, colours, neighbours };
  const inTime = random() < 0.5 ? neighbours : neighbours.toReversed();
  // Of those that go without: two in five lack the one before, two the one after, one both.
  const lacking = random() < missingShare ? [[0], [0], [1], [1], [0, 1]][Math.floor(5 * random())] ?? [] : [];
  return { left, top, flip, colours, neighbours: inTime.map((n, i) => lacking.includes(i) ? undefined : n) };
}

/** Copies a part of RGB bytes as values 0 … 1. */
function copyPixels(from: Uint8Array, to: Float32Array, side: number, size: number, use: Use): void {
  const { order: [red, green, blue], tables: [reds, greens, blues] } = use.colours;
  const { first, stepX, stepY } = walk(use.flip, side, size, 3);
  const start = 3 * (use.top * side + use.left) + first;
  for (let y = 0, target = 0; y < size; y++) {
    for (let x = 0, source = start + y * stepY; x < size; x++, source += stepX, target += 3) {
      to[target] = reds[from[source + red] as number] as number;
      to[target + 1] = greens[from[source + green] as number] as number;
      to[target + 2] = blues[from[source + blue] as number] as number;
    }
  }
}

/** Copies the vectors of a part, turned as the pixels are. */
function copyFlow(from: Float32Array, to: Float32Array, side: number, size: number, use: Use): void {
  const [across, cells] = [side / FLOW_CELL, size / FLOW_CELL];
  const { first, stepX, stepY } = walk(use.flip, across, cells, 2);
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

/** How to walk through a square of `size` in rows of `side` so that it comes out mirrored and transposed: first place, step right, step down. */
function walk(flip: number, side: number, size: number, channels: number) {
  const last = size - 1;
  const mirrorX = (flip & 1) !== 0;
  const mirrorY = (flip & 2) !== 0;
  const column = mirrorX ? -channels : channels;
  const row = (mirrorY ? -channels : channels) * side;
  const first = (mirrorX ? last * channels : 0) + (mirrorY ? last * channels * side : 0);
  return flip & 4 ? { first, stepX: row, stepY: column } : { first, stepX: column, stepY: row };
}
