import type { Frame } from "./frame.ts";
import { measureMotion, type MotionGrid, type Reduced, reducePicture } from "./measure_motion.ts";
import { FULL_STRENGTH, type StrengthGrid } from "./model/strength.ts";

/** Movement from frame to frame up to which a part stands still, pixels: what smears it is no longer than that. */
const STILL = 2.5;
/** Movement from which a part is restored in full, pixels. */
const MOVING = 5;
/** Movement below which, everywhere, a frame is the one before once more, pixels. Hands and sensors are less steady. */
const REPEATED = 0.5;

/** A frame, and where it moves. */
export interface JudgedFrame {
  readonly frame: Frame;
  /** 0 where the scene stands still before or after the frame, 1 where it moves. */
  readonly strength: StrengthGrid;
}

/**
 * A stage that tells where frames stand still: an exposure is no longer than the way from one frame to the next, so what
 * hardly moves between them is not smeared by movement, whatever else it may be.
 *
 * It takes a movement on both sides of a frame to call a part moving: one that begins or ends there lies mostly outside its
 * exposure, and the scene behind a cut has nothing to do with it. Only what is seen is called still: a frame alone is
 * restored, and so is one that is repeated, for which the frames before and after its repetitions speak.
 *
 * A frame is held back until the next one is there (writable mark 1, readable mark 0, and that frame).
 */
export function findStillParts(): TransformStream<Frame, JudgedFrame> {
  let held: { readonly frame: Frame; readonly reduced: Reduced; readonly before?: MotionGrid } | undefined;
  let spare: Reduced["data"] | undefined;
  let strength = FULL_STRENGTH;
  const judge = (after?: MotionGrid): JudgedFrame | undefined => {
    if (held === undefined) return undefined;
    const { frame, before } = held;
    const isRepetition = before !== undefined && isRepeated(before);
    if (!isRepetition) strength = strengthOf([before, after]);
    return { frame, strength };
  };
  return new TransformStream<Frame, JudgedFrame>(
    {
      transform(frame, controller) {
        const reduced = reducePicture(frame, spare);
        const isOfSameSize = held?.frame.width === frame.width && held.frame.height === frame.height;
        const motion = held && isOfSameSize ? measureMotion(held.reduced, reduced) : undefined;
        const judged = judge(motion);
        if (judged) controller.enqueue(judged);
        spare = held?.reduced.data;
        held = { frame, reduced, ...(motion && { before: motion }) };
      },
      flush(controller) {
        const judged = judge();
        if (judged) controller.enqueue(judged);
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );
}

function isRepeated({ values }: MotionGrid): boolean {
  return values.every((pixels) => pixels < REPEATED);
}

function strengthOf(sides: readonly (MotionGrid | undefined)[]): StrengthGrid {
  const seen = sides.filter((side) => side !== undefined && !isRepeated(side)) as MotionGrid[];
  const [first, ...others] = seen;
  if (first === undefined) return FULL_STRENGTH;
  const { columns, rows } = first;
  const least = first.values.map((pixels, i) =>
    Math.min(pixels, ...others.map(({ values }) => values[i] ?? 0))
  );
  const values = widened({ columns, rows, values: least }).map((pixels) =>
    Math.min(1, Math.max(0, (pixels - STILL) / (MOVING - STILL)))
  );
  return { columns, rows, values };
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
