import assert from "node:assert/strict";
import type { Frame, FrameSource } from "../../src/frame.ts";
import { untilDamage } from "../../src/stream/until_damage.ts";
import { openMedia, type OpenMediaOptions } from "../../src/stream/open_media.ts";

/** Every frame of a video, picture or folder. */
export async function collectFrames(path: string, options: OpenMediaOptions = {}): Promise<Frame[]> {
  await using source = await openMedia(path, options);
  return await Array.fromAsync(source.frames);
}

/** Every frame that a damaged source gives, and what it says is missing; fails if it ends as if it were whole. */
export async function collectDamaged(source: FrameSource): Promise<{ frames: Frame[]; damage: string }> {
  let damage: string | undefined;
  const frames = await Array.fromAsync(untilDamage(source.frames, (error) => damage = error.damage));
  assert.ok(damage !== undefined, "it ended as if it were whole");
  assert.equal(source.damage, damage);
  return { frames, damage };
}

/** Fails unless both have the same times, sizes and, within `tolerance`, samples. */
export function assertFramesEqual(
  actual: readonly Frame[],
  expected: readonly Frame[],
  tolerance: number,
): void {
  assert.deepEqual(actual.map(({ pts }) => pts), expected.map(({ pts }) => pts));
  for (const [i, frame] of actual.entries()) {
    const wanted = expected[i];
    assert.ok(wanted);
    assert.deepEqual([frame.width, frame.height, frame.data.length], [
      wanted.width,
      wanted.height,
      wanted.data.length,
    ]);
    let worst = 0;
    for (let at = 0; at < frame.data.length; at++) {
      worst = Math.max(worst, Math.abs((frame.data[at] ?? 0) - (wanted.data[at] ?? 0)));
    }
    assert.ok(worst <= tolerance, `frame ${i} is off by ${worst}, wanted at most ${tolerance}`);
  }
}
