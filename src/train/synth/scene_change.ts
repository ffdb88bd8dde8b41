import type { Picture } from "../../frame.ts";

/** How a frame follows the one before. */
export type Change = "motion" | "duplicate" | "cut";

const BLOCK = 4;
const REMEMBERED = 15;

/**
 * Tells duplicate frames (left by a frame rate conversion: averaged, they weigh double and show as ghosts) and scene
 * cuts from motion, by the mean difference of reduced frames in bytes, against what is usual in the footage.
 */
export class SceneChange {
  #last: Float32Array | undefined;
  readonly #usual: number[] = [];

  /** Looks at the next frame. The first one is "motion"; after a "duplicate" the next is compared with the frame kept. */
  next(frame: Picture): Change {
    const small = reduced(frame);
    const last = this.#last;
    if (last === undefined || last.length !== small.length) {
      this.#last = small;
      return last === undefined ? "motion" : "cut";
    }
    const difference = meanDifference(last, small);
    const change = this.#judge(difference);
    if (change === "duplicate") return change;
    this.#last = small;
    if (change === "motion") {
      this.#usual.push(difference);
      if (this.#usual.length > REMEMBERED) this.#usual.shift();
    } else this.#usual.length = 0;
    return change;
  }

  #judge(difference: number): Change {
    const usual = median(this.#usual);
    if (usual === undefined) return difference > 30 ? "cut" : "motion";
    if (difference < 0.25 && difference < usual / 10) return "duplicate";
    return difference > 20 && difference > 4 * usual ? "cut" : "motion";
  }
}

/** Means of blocks of 4 × 4 pixels: moving fine detail weighs little in them, and noise less. */
function reduced({ data, width, height }: Picture): Float32Array {
  const columns = Math.ceil(width / BLOCK);
  const means = new Float32Array(columns * Math.ceil(height / BLOCK) * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y / BLOCK);
    const rows = Math.min(BLOCK, height - row * BLOCK);
    for (let x = 0; x < width; x++, at += 3) {
      const column = Math.floor(x / BLOCK);
      const out = (row * columns + column) * 3;
      const gain = 1 / (rows * Math.min(BLOCK, width - column * BLOCK));
      for (let c = 0; c < 3; c++) {
        means[out + c] = (means[out + c] as number) + gain * (data[at + c] as number);
      }
    }
  }
  return means;
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] as number) - (b[i] as number));
  return sum / a.length;
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
