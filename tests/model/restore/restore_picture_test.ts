import assert from "node:assert/strict";
import { copyOfRegion } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { traitsOf } from "../../../src/model/network/network_traits.ts";
import {
  computedPixels,
  type LoadedNetwork,
  restorePicture,
} from "../../../src/model/restore/restore_picture.ts";
import { applyStrength, FULL_STRENGTH } from "../../../src/model/restore/strength.ts";

const OPTIONS = { detail: 1, branches: true, strength: FULL_STRENGTH, neighbours: {} };
const PLENTY = 2 ** 40;
/** All of a picture. */
const allOf = ({ width, height }: Picture) => ({ region: { x: 0, y: 0, width, height } });

function numbered(width: number, height: number): Picture {
  return { data: Uint8Array.from({ length: 3 * width * height }, (_, i) => i * 7), width, height };
}

/** A network that changes nothing, and what it was shown. */
function identity(): LoadedNetwork & { readonly seen: Picture[] } {
  const seen: Picture[] = [];
  return {
    seen,
    run({ picture }, { branches }) {
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
      const plan = { traits: traitsOf(PRESETS.smoke), memoryBudget };
      const { input, image, up, down } = await restorePicture(picture, network, {
        ...OPTIONS,
        ...allOf(picture),
      }, plan);
      assert.equal(input, picture);
      for (const restored of [image, up, down]) assert.deepEqual(restored, picture);
      for (const seen of network.seen) assert.equal(seen.width % 16 + seen.height % 16, 0);
      const pixels = network.seen.map((seen) => seen.width * seen.height);
      if (memoryBudget === PLENTY) assert.equal(pixels.length, 1);
      else if (width * height > 30_000) assert.ok(pixels.length > 1 && Math.max(...pixels) < 20_000);
    }
  });
}

Deno.test("restorePicture: each tile is reported; what they compute in all is known before", async () => {
  const [picture, network, shares] = [numbered(640, 48), identity(), new Array<number>()];
  const plan = { traits: traitsOf(PRESETS.smoke), memoryBudget: 2_000_000 };
  await restorePicture(picture, network, { ...OPTIONS, ...allOf(picture) }, {
    ...plan,
    onProgress: (share) => shares.push(share),
  });
  assert.deepEqual(shares, network.seen.map((_, i) => (i + 1) / network.seen.length));
  const pixels = network.seen.reduce((sum, { width, height }) => sum + width * height, 0);
  assert.ok(pixels > 640 * 48, "tiles overlap");
  assert.equal(computedPixels(picture, plan), pixels);
  assert.equal(computedPixels({ width: 35, height: 61 }, { ...plan, memoryBudget: PLENTY }), 48 * 64);
});

Deno.test("restorePicture: tiles give no branch pictures that were not asked for, and no down of a one-way network", async () => {
  const picture = numbered(640, 48);
  const plan = { traits: traitsOf(PRESETS["fast-single"]), memoryBudget: 2_000_000 };
  const plain = await restorePicture(
    picture,
    identity(),
    { ...OPTIONS, ...allOf(picture), branches: false },
    plan,
  );
  assert.deepEqual(Object.keys(plain).sort(), ["image", "input"]);
  const branches = await restorePicture(picture, identity(), { ...OPTIONS, ...allOf(picture) }, plan);
  assert.deepEqual(Object.keys(branches).sort(), ["image", "input", "up"]);
});

Deno.test("restorePicture: what gets no strength stays as it is; where nothing gets any, the network does not run", async () => {
  const picture = { data: new Uint8Array(3 * 32 * 16).fill(50), width: 32, height: 16 };
  const runs: boolean[] = [];
  const brighter: LoadedNetwork = {
    run({ picture: padded }, { branches }) {
      runs.push(branches);
      const brightened = () => ({ ...padded, data: Uint8Array.from(padded.data, (value) => value + 100) });
      return Promise.resolve({ image: brightened(), ...(branches && { up: brightened() }) });
    },
  };
  const plan = { traits: traitsOf(PRESETS.smoke), memoryBudget: PLENTY };
  const restored = (values: number[], branches = false) => {
    const strength = { columns: values.length, rows: 1, values: Float32Array.from(values) };
    return restorePicture(picture, brighter, { ...OPTIONS, ...allOf(picture), branches, strength }, plan);
  };
  const half = await restored([0, 1]);
  assert.deepEqual([half.image.data[0], half.image.data[3 * 31]], [50, 150]);
  assert.deepEqual(half.input.data, picture.data);
  const none = await restored([0, 0]);
  assert.deepEqual(runs, [false]);
  assert.deepEqual(none.image, picture);
  assert.notEqual(none.image.data.buffer, none.input.data.buffer, "each can be transferred");
  const shown = await restored([0, 0], true);
  assert.deepEqual([shown.image.data[0], shown.up?.data[0]], [50, 150]);
});

Deno.test("restorePicture: of a picture with still parts only the moving one is shown to the network", async () => {
  const picture = numbered(640, 301);
  const network = identity();
  const run = network.run.bind(network);
  const inverting: LoadedNetwork = {
    run: async (input, options) => {
      const { image } = await run(input, options);
      return { image: { ...image, data: Uint8Array.from(image.data, (value) => 255 - value) } };
    },
  };
  const cells = Array.from({ length: 20 * 9 }, (_, i) => i % 20 === 10 && Math.floor(i / 20) === 8 ? 1 : 0);
  const strength = { columns: 20, rows: 9, values: Float32Array.from(cells) };
  const plan = { traits: traitsOf(PRESETS.smoke), memoryBudget: PLENTY };
  const { image } = await restorePicture(picture, inverting, {
    ...OPTIONS,
    ...allOf(picture),
    branches: false,
    strength,
  }, plan);
  const [seen] = network.seen;
  assert.ok(seen && seen.width < 260 && seen.height < 200, `${seen?.width}x${seen?.height}`);
  const wanted = numbered(640, 301);
  applyStrength(wanted, { ...picture, data: Uint8Array.from(picture.data, (value) => 255 - value) }, {
    ...strength,
    values: strength.values.map((value) => 1 - value),
  });
  const differing = image.data.filter((value, i) => Math.abs(value - (wanted.data[i] ?? NaN)) > 1).length;
  assert.equal(differing, 0);
  assert.deepEqual(image.data.subarray(0, 3 * 640), picture.data.subarray(0, 3 * 640));
});

Deno.test("restorePicture: a region gives the pixels that the whole picture has there, and shows the network less", async () => {
  const picture = numbered(640, 480);
  const plan = { traits: traitsOf(PRESETS.smoke), memoryBudget: PLENTY };
  const whole = await restorePicture(picture, identity(), { ...OPTIONS, ...allOf(picture) }, plan);
  const region = { x: 400, y: 21, width: 100, height: 77 };
  const network = identity();
  const { input, image, up, down } = await restorePicture(picture, network, { ...OPTIONS, region }, plan);
  assert.equal(input, picture);
  for (const part of [image, up, down]) assert.deepEqual(part, copyOfRegion(whole.image, region));
  const [seen] = network.seen;
  assert.ok(seen && seen.width * seen.height < 640 * 480 / 2, `${seen?.width}x${seen?.height}`);
});

Deno.test("restorePicture: of a region the strength is that of the whole picture", async () => {
  const picture = numbered(640, 301);
  const inverting: LoadedNetwork = {
    run: ({ picture: shown }) =>
      Promise.resolve({ image: { ...shown, data: Uint8Array.from(shown.data, (value) => 255 - value) } }),
  };
  const values = Float32Array.from({ length: 20 * 10 }, (_, i) => i % 20 < 10 ? 0 : (i % 20 - 9) / 10);
  const options = { ...OPTIONS, branches: false, strength: { columns: 20, rows: 10, values } };
  const plan = { traits: traitsOf(PRESETS.smoke), memoryBudget: PLENTY };
  const whole = await restorePicture(picture, inverting, { ...options, ...allOf(picture) }, plan);
  for (
    const region of [
      { x: 0, y: 0, width: 90, height: 50 },
      { x: 280, y: 100, width: 120, height: 150 },
      { x: 600, y: 200, width: 40, height: 101 },
    ]
  ) {
    const { image } = await restorePicture(picture, inverting, { ...options, region }, plan);
    assert.deepEqual(image, copyOfRegion(whole.image, region));
  }
});
