import assert from "node:assert/strict";
import { cropPicture } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import type { Device, Neighbours, Restored } from "../../../src/model/engine/engine.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";
import { requestGpuAdapter } from "../../../src/model/tfjs/gpu_adapter.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { randomWeights } from "../../helpers/random_weights.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const weights = randomWeights(PRESETS["smoke-video"]);
const alone = randomWeights(PRESETS.smoke, 2);
const device = "cpu";

function clip(width: number, height: number, depth: 8 | 16 = 8): [Picture, Required<Neighbours>] {
  const frame = (x: number, y: number): Picture => {
    const { data } = renderClouds({ width, height, x, y });
    return { data: depth === 8 ? data : Uint16Array.from(data, (value) => 257 * value), width, height };
  };
  return [frame(0, 0), { previous: frame(-11, 4), next: frame(9, -6) }];
}

const copy = (picture: Picture): Picture => ({ ...picture, data: picture.data.slice() });

function worst(a: Picture | undefined, b: Picture | undefined): number {
  assert.deepEqual([a?.width, a?.height, a?.data.length], [b?.width, b?.height, b?.data.length]);
  let most = 0;
  a?.data.forEach((value, i) => most = Math.max(most, Math.abs(value - (b?.data[i] ?? NaN))));
  return most;
}

function assertSame(a: Restored, b: Restored): void {
  assert.equal(a.neighbours, b.neighbours);
  for (const name of ["input", "image", "up", "down"] as const) {
    assert.equal(worst(a[name], b[name]), 0, name);
  }
}

Deno.test("openEngine: neighbours change what a network of three frames makes of a picture, and stay the caller's", async () => {
  await using engine = await openEngine({ weights, device });
  assert.equal(engine.frames, 3);
  for (const [width, height] of [[1, 1], [35, 61], [64, 32]] as const) {
    for (const depth of [8, 16] as const) {
      const [picture, neighbours] = clip(width, height, depth);
      const before = structuredClone(neighbours);
      const both = await engine.run(copy(picture), { neighbours });
      assert.deepEqual(neighbours, before);
      assert.deepEqual([both.input, both.neighbours], [picture, 2]);
      const { image, neighbours: none } = await engine.run(copy(picture));
      assert.equal(none, undefined);
      if (width > 30) assert.ok(worst(image, both.image) > 1);
      const swapped = { previous: neighbours.next, next: neighbours.previous };
      if (width > 30) {
        assert.ok(worst((await engine.run(copy(picture), { neighbours: swapped })).image, both.image) > 1);
      }
    }
  }
});

Deno.test("openEngine: a neighbour that is a part of a larger buffer does not take the buffer along", async () => {
  await using engine = await openEngine({ weights, device });
  const [picture, { previous, next }] = clip(32, 16);
  const buffer = new Uint8Array(2 * previous.data.length);
  buffer.set(previous.data, previous.data.length);
  const view = { ...previous, data: buffer.subarray(previous.data.length) };
  const expected = await engine.run(copy(picture), { neighbours: { previous, next } });
  assert.deepEqual(
    (await engine.run(picture, { neighbours: { previous: view, next } })).image,
    expected.image,
  );
});

Deno.test("openEngine: neighbours of another size or depth are refused, and nothing is taken", async () => {
  await using engine = await openEngine({ weights, device });
  const [picture, { previous }] = clip(32, 16);
  const [, { next }] = clip(32, 32);
  await assert.rejects(engine.run(picture, { neighbours: { previous, next } }), {
    name: "RangeError",
    message: /32x16 with a next one of 32x32: neighbours must be of its size and depth/,
  });
  const [, deep] = clip(32, 16, 16);
  await assert.rejects(engine.run(picture, { neighbours: deep }), RangeError);
  await assert.rejects(engine.run(picture, { neighbours: { next: { ...next, width: 31 } } }), RangeError);
  assert.equal(picture.data.length, 3 * 32 * 16);
});

Deno.test("openEngine: a network of one frame does not look at neighbours", async () => {
  await using engine = await openEngine({ weights: alone, device });
  assert.equal(engine.frames, 1);
  const [picture, neighbours] = clip(48, 32);
  const { image } = await engine.run(copy(picture));
  const restored = await engine.run(picture, { neighbours });
  assert.deepEqual([restored.image, restored.neighbours], [image, undefined]);
});

Deno.test("openEngine: alone restores what has no neighbour, as it does without the other network; with one the mean of both counts", async () => {
  await using engine = await openEngine({ weights, alone, device });
  await using video = await openEngine({ weights, device });
  await using single = await openEngine({ weights: alone, device });
  const [picture, neighbours] = clip(160, 96);
  const options = { branches: true, detail: 1.5 };
  const both = await engine.run(copy(picture), { ...options, neighbours });
  assertSame(both, await video.run(copy(picture), { ...options, neighbours }));
  const expected = await single.run(copy(picture), options);
  const otherScene = renderScene({ width: 160, height: 96 });
  for (const none of [{}, { previous: otherScene }, { previous: otherScene, next: otherScene }]) {
    assertSame(await engine.run(copy(picture), { ...options, neighbours: none }), expected);
  }
  const { previous, next } = neighbours;
  for (const one of [{ previous }, { next }, { previous, next: otherScene }]) {
    const asked = { ...options, neighbours: one };
    const seeing = await video.run(copy(picture), asked);
    const mean = await engine.run(copy(picture), asked);
    assert.equal(mean.neighbours, 1);
    for (const name of ["image", "up", "down"] as const) {
      const [given, a, b] = [mean[name], seeing[name], expected[name]];
      assert.ok(
        given?.data.every((value, i) => value === ((a?.data[i] ?? NaN) + (b?.data[i] ?? NaN) + 1) >> 1),
      );
    }
  }
});

Deno.test("openEngine: alone is refused unless it is of one frame, beside a network of three", async () => {
  for (const [one, other] of [[weights, weights], [alone, alone]] as const) {
    await assert.rejects(openEngine({ weights: one, alone: other, device }), {
      name: "RangeError",
      message: /must be of one frame, beside one of three/,
    });
  }
});

Deno.test("openEngine: with neighbours too, tiles and parts give what the whole picture gives, within 1", async () => {
  const [picture, neighbours] = clip(1000, 140);
  await using whole = await openEngine({ weights, device });
  await using tiled = await openEngine({ weights, device, memoryBudget: 25_000_000 });
  const options = { branches: true, detail: 1.5, neighbours };
  const [a, b] = [await whole.run(copy(picture), options), await tiled.run(copy(picture), options)];
  for (const name of ["image", "up", "down"] as const) assert.ok(worst(a[name], b[name]) <= 1, name);

  const values = Float32Array.from({ length: 31 * 4 }, (_, i) => i % 31 > 14 && i % 31 < 18 ? 1 : 0);
  const part = await whole.run(copy(picture), { neighbours, strength: { columns: 31, rows: 4, values } });
  const plain = await whole.run(copy(picture), { neighbours });
  const inside = { x: 500, y: 40, width: 50, height: 60 };
  assert.ok(worst(cropPicture(part.image, inside), cropPicture(plain.image, inside)) <= 1);
  assert.ok(worst(cropPicture(plain.image, inside), cropPicture(picture, inside)) > 1);
  const outside = { x: 0, y: 0, width: 400, height: 140 };
  assert.deepEqual(cropPicture(part.image, outside), cropPicture(picture, outside));
});

const adapter = await requestGpuAdapter();
const others: Partial<Record<Device, boolean>> = {
  wasm: true,
  tensorflow: isNativeTensorFlowBuilt(),
  webgpu: adapter !== null,
};
for (const [other, isHere] of Object.entries(others)) {
  Deno.test({
    name: `openEngine: ${other} gives the bytes of ONNX Runtime within 1, with neighbours and without`,
    ignore: !isHere,
    async fn() {
      const restore = async (device: Device) => {
        await using engine = await openEngine({ weights, alone, device });
        const [picture, neighbours] = clip(35, 61);
        const [deep, beside] = clip(17, 33, 16);
        return [
          await engine.run(copy(picture), { branches: true, detail: 1.5, neighbours }),
          await engine.run(copy(picture), { branches: true }),
          await engine.run(deep, { branches: true, neighbours: beside }),
        ];
      };
      const [onnx, tfjs] = [await restore(device), await restore(other as Device)];
      for (const [i, expected] of onnx.entries()) {
        const allowed = expected.image.data instanceof Uint16Array ? 16 : 1;
        for (const name of ["input", "image", "up", "down"] as const) {
          assert.ok(worst(expected[name], tfjs[i]?.[name]) <= allowed, `picture ${i}, ${name}`);
        }
        assert.equal(tfjs[i]?.neighbours, expected.neighbours);
      }
    },
  });
}
