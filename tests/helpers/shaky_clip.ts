import { renderClouds } from "./clouds.ts";
import { writeY4m } from "./y4m.ts";

/** Frames of a shaky clip that stand, and that move, by turns. */
const [STANDING, MOVING] = [8, 6];
/** Pixels per moving frame. */
export const SHAKY_SPEED = 8;

/** Options of {@linkcode writeShakyClip}. */
export interface ShakyClipOptions {
  /** Pauses between movements; the clip never stands without any. */
  readonly pauses: number;
}

/** Writes 25 frames per second of clouds, 128 x 96, that stand for 8 frames and move by 8 pixels in each of 6, blurred as far as that is. */
export async function writeShakyClip(path: string, { pauses }: ShakyClipOptions): Promise<string> {
  const speeds = Array.from({ length: Math.max(1, pauses) }, (_, i) => [
    ...Array<number>(pauses > 0 ? STANDING : 0).fill(0),
    ...Array<number>(MOVING).fill(i % 2 === 0 ? SHAKY_SPEED : -SHAKY_SPEED),
  ]).flat();
  let x = 0;
  const frames = speeds.map((speed) => {
    const instants = [-2, -1, 0, 1, 2].map((part) =>
      renderClouds({ width: 128, height: 96, x: x + speed * part / 5 }).data
    );
    x += speed;
    return instants[0]?.filter((_, i) => i % 3 === 0).map((_, i) =>
      instants.reduce((sum, data) => sum + (data[3 * i] ?? 0), 0) / instants.length
    );
  });
  await writeY4m(path, {
    ...{ width: 128, height: 96, rate: 25, frames: frames.length },
    luma: (x, y, frame) => 16 + (frames[frame]?.[y * 128 + x] ?? 0) * 219 / 255,
  });
  return path;
}
