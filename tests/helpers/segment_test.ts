import type { RestoreInSegmentsOptions } from "../../src/jobs/restore_in_segments.ts";
import { type ClipOptions, makeClip } from "./make_clip.ts";

/** How the tests restore in segments: fourteen frames each. */
export const SEGMENT_TEST: RestoreInSegmentsOptions = {
  settings: { detail: 1, everywhere: false, branches: false, codec: "ffv1" },
  weights: [{ sha256: "a".repeat(64) }],
  precision: "float32",
  segmentSeconds: 14 / 25,
};

/** A clip that moves, stands still, repeats frames, and has gaps in time: all that frames are judged by. */
export async function makeVariedClip(path: string, options: ClipOptions = {}): Promise<void> {
  const frames = 100;
  const pts = Array.from({ length: frames }, (_, i) => i + 3 * Math.floor(i / 17));
  /** Frames that show what another one does. */
  const shown = (t: number) => t % 23 > 18 ? t - t % 23 + 18 : t > 60 && t < 70 ? 60 : t;
  await makeClip(path, {
    ...{ width: 128, height: 96, pts },
    sample(plane, x, y, t) {
      const at = shown(t);
      if (plane > 0) return 128;
      const isMoving = x > 40 && (at < 30 || at > 45);
      const shift = isMoving ? 7 * at : 0;
      return 100 + Math.round(60 * Math.sin((x + shift) / 6) * Math.cos(y / 5));
    },
    ...options,
  });
}
