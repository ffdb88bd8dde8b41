import type { MotionGrid } from "./motion/measure_motion.ts";
import { FULL_STRENGTH, type StrengthGrid } from "./model/restore/strength.ts";

/** Movement from frame to frame up to which a part stands still, pixels: what smears it is no longer than that. */
const STILL = 2.5;
/** Movement from which a part is restored in full, pixels. */
const MOVING = 5;
/** Movement in pixels below which, if it is so everywhere, a frame is a repetition of the one before. Hands and sensors are less steady. */
const REPEATED = 0.5;

/**
 * How strongly to restore the parts of a frame: an exposure is no longer than the way from one frame to the next, so what hardly moves
 * between them is not smeared by movement, whatever else it may be. 0 where the scene stands still before or after the frame, 1
 * where it moves.
 *
 * It takes a movement on both sides of a frame to call a part moving: one that begins or ends there lies mostly outside its
 * exposure, and the scene behind a cut has nothing to do with it. Only what is seen on both sides is called still: a
 * repeated frame is judged as the one before it, and a frame alone is restored.
 *
 * @param before Movement from the frame before, where there is one of the same size.
 * @param after Movement to the frame after, likewise.
 * @param earlier Strength of the frame before.
 */
export function strengthBetween(
  before: MotionGrid | undefined,
  after: MotionGrid | undefined,
  earlier: StrengthGrid,
): StrengthGrid {
  if (before && isRepetition(before)) return earlier;
  if (after && isRepetition(after)) {
    // Of what comes after its repetitions nothing is known yet: no reason to call still what was not.
    return before ? stronger(strengthOf(before), earlier) : earlier;
  }
  if (before && after) return strengthOf(lessOf(before, after));
  const only = before ?? after;
  return only ? strengthOf(only) : FULL_STRENGTH;
}

/** Whether a frame repeats the one before. */
export function isRepetition({ values }: MotionGrid): boolean {
  return values.every((pixels) => pixels < REPEATED);
}

function lessOf(one: MotionGrid, other: MotionGrid): MotionGrid {
  return { ...one, values: one.values.map((pixels, i) => Math.min(pixels, other.values[i] ?? pixels)) };
}

function stronger(one: StrengthGrid, other: StrengthGrid): StrengthGrid {
  if (one.values.length !== other.values.length) return FULL_STRENGTH;
  return { ...one, values: one.values.map((value, i) => Math.max(value, other.values[i] ?? value)) };
}

function strengthOf(motion: MotionGrid): StrengthGrid {
  const values = widened(motion).map((pixels) =>
    Math.min(1, Math.max(0, (pixels - STILL) / (MOVING - STILL)))
  );
  return { columns: motion.columns, rows: motion.rows, values };
}

/** The most of each cell and its eight neighbours: the smear of what moves reaches beyond it. */
function widened({ columns, rows, values }: MotionGrid): Float32Array {
  return values.map((_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    let most = 0;
    for (let row = Math.max(0, y - 1); row <= Math.min(rows - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(columns - 1, x + 1); column++) {
        most = Math.max(most, values[row * columns + column] as number);
      }
    }
    return most;
  });
}
