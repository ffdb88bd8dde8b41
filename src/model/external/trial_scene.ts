import type { Picture } from "../../frame.ts";

/** A small scene with known motion blur, for trial runs. */
export interface TrialScene {
  readonly sharp: Picture;
  readonly blurry: Picture;
  /** The blurry frames before and after. */
  readonly previous: Picture;
  readonly next: Picture;
}

/** Pixels that the scene moves during an exposure, and from frame to frame, to the right and down. */
const MOTION = { x: 6, y: 2 };
/** Positions that an exposure is the mean of. */
const STEPS = 7;

/** Draws the scene: edges and textures of several colours, directions and contrasts. */
export function renderTrialScene(width: number, height: number): TrialScene {
  const picture = (colour: (x: number, y: number, channel: number) => number): Picture => {
    const data = new Uint8Array(3 * width * height);
    for (let i = 0, y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < 3; channel++) data[i++] = Math.round(colour(x, y, channel));
      }
    }
    return { data, width, height };
  };
  const exposed = (frame: number): Picture =>
    picture((x, y, channel) => {
      let sum = 0;
      for (let step = 0; step < STEPS; step++) {
        const shift = frame + step / (STEPS - 1) - 0.5;
        sum += sceneAt(x - shift * MOTION.x, y - shift * MOTION.y, channel);
      }
      return sum / STEPS;
    });
  return { sharp: picture(sceneAt), blurry: exposed(0), previous: exposed(-1), next: exposed(1) };
}

/** Grey level of a place: rectangles on a slope, with stripes and dots on them. */
function sceneAt(x: number, y: number, channel: number): number {
  const [column, row] = [Math.floor(x / 19), Math.floor(y / 13)];
  const tile = (Math.imul(column + 31 * row, 2654435761) >>> 8 * channel) & 127;
  const [u, v] = [x - 19 * column, y - 13 * row];
  const isStripe = (column + row) % 3 === 0 && Math.floor((u + v) / 2) % 2 === 0;
  const isDot = (column + row) % 3 === 1 && (u - 9) ** 2 + (v - 6) ** 2 < 9;
  return 60 + tile + (isStripe ? 45 : 0) + (isDot ? -50 : 0);
}
