import assert from "node:assert/strict";
import { PHOTO_MARGIN, photoExposure } from "../../../src/train/camera/photo_exposure.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const [WIDTH, HEIGHT] = [64, 56];
const SIDES = { width: WIDTH + 2 * PHOTO_MARGIN, height: HEIGHT + 2 * PHOTO_MARGIN };
const photo = renderScene(SIDES);

function frames(seed: string, count = 7) {
  return [...photoExposure(photo, { seed, frames: count, width: WIDTH, height: HEIGHT, objects: photo })];
}

/** Share of the pixels of a view that equal the photo's, shifted by the margin. */
function shareOfPhoto(view: Uint8Array | Uint16Array): number {
  let same = 0;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [a, b] = [3 * (y * WIDTH + x), 3 * ((y + PHOTO_MARGIN) * SIDES.width + x + PHOTO_MARGIN)];
      if (view[a] === photo.data[b] && view[a + 1] === photo.data[b + 1]) same++;
    }
  }
  return same / (WIDTH * HEIGHT);
}

Deno.test("photoExposure: the middle frame has exactly the photo's pixels, but where an object is", () => {
  for (const seed of ["a", "b", "c"]) {
    const exposure = frames(seed);
    assert.equal(exposure.length, 7);
    const shares = exposure.map(({ data }) => shareOfPhoto(data));
    assert.ok((shares[3] ?? 0) > 0.4, `${seed}: ${shares}`);
    assert.ok(shares.every((share, i) => i === 3 || share < (shares[3] ?? 0)), `${seed}: ${shares}`);
  }
});

Deno.test("photoExposure depends only on its seed", () => {
  assert.deepEqual(frames("a", 3), frames("a", 3));
  assert.notDeepEqual(frames("a", 3), frames("b", 3));
});
