import assert from "node:assert/strict";
import type { Picture } from "../../src/frame.ts";
import { PRESETS } from "../../src/model/config.ts";
import { type LoadedNetwork, restorePicture } from "../../src/model/restore_picture.ts";

const OPTIONS = { detail: 1, branches: true };
const PLENTY = 2 ** 40;

function numbered(width: number, height: number): Picture {
  return { data: Uint8Array.from({ length: 3 * width * height }, (_, i) => i * 7), width, height };
}

/** A network that changes nothing, and what it was shown. */
function identity(): LoadedNetwork & { readonly seen: Picture[] } {
  const seen: Picture[] = [];
  return {
    seen,
    run(picture, { branches }) {
      seen.push(picture);
      const copy = () => ({ ...picture, data: picture.data.slice() });
      return Promise.resolve({ image: copy(), ...(branches && { up: copy(), down: copy() }) });
    },
  };
}

for (const [name, memoryBudget] of [["whole", PLENTY], ["in tiles", 2_000_000]] as const) {
  Deno.test(`restorePicture: a picture restored ${name} keeps its size and every pixel's place`, async () => {
    for (const [width, height] of [[1, 1], [35, 61], [640, 48], [301, 299]] as const) {
      const network = identity();
      const picture = numbered(width, height);
      const plan = { config: PRESETS.smoke, memoryBudget };
      const { input, image, up, down } = await restorePicture(picture, network, OPTIONS, plan);
      assert.equal(input, picture);
      for (const restored of [image, up, down]) assert.deepEqual(restored, picture);
      for (const seen of network.seen) assert.equal(seen.width % 16 + seen.height % 16, 0);
      const pixels = network.seen.map((seen) => seen.width * seen.height);
      if (memoryBudget === PLENTY) assert.equal(pixels.length, 1);
      else if (width * height > 30_000) assert.ok(pixels.length > 1 && Math.max(...pixels) < 20_000);
    }
  });
}

Deno.test("restorePicture: tiles give no branch pictures that were not asked for, and no down of a one-way network", async () => {
  const picture = numbered(640, 48);
  const plan = { config: PRESETS["fast-single"], memoryBudget: 2_000_000 };
  const plain = await restorePicture(picture, identity(), { detail: 1, branches: false }, plan);
  assert.deepEqual(Object.keys(plain).sort(), ["image", "input"]);
  const branches = await restorePicture(picture, identity(), OPTIONS, plan);
  assert.deepEqual(Object.keys(branches).sort(), ["image", "input", "up"]);
});
