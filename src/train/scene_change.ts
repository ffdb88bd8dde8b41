import type { Picture } from "../frame.ts";

/** How a frame follows the one before. */
export type Change = "motion" | "duplicate" | "cut";

const STEP = 4; // every 4th pixel of every 4th row tells enough
const REMEMBERED = 15;

/**
 * Tells duplicate frames (left by a frame rate conversion: averaged, they weigh double and show as ghosts) and scene
 * cuts from motion, by the mean difference of bytes between frames, against what is usual in the footage.
 */
export class SceneChange {
  #last: Uint8Array | undefined;
  readonly #usual: number[] = [];

  /** Looks at the next frame. The first one is "motion"; after a "duplicate" the next is compared with the frame kept. */
  next(frame: Picture): Change {
    const small = thin(frame);
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

function thin({ data, width, height }: Picture): Uint8Array {
  const columns = Math.ceil(width / STEP);
  const small = new Uint8Array(columns * Math.ceil(height / STEP) * 3);
  let out = 0;
  for (let y = 0; y < height; y += STEP) {
    for (let x = 0; x < width; x += STEP) {
      const at = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) small[out++] = data[at + c] as number;
    }
  }
  return small;
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] as number) - (b[i] as number));
  return sum / a.length;
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
