import assert from "node:assert/strict";
import { platform } from "node:process";
import { EngineError, WeightsError } from "../../../src/errors.ts";
import { cropPicture } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import { autoDevices } from "../../../src/model/engine/auto_devices.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { type Device, DEVICE_CHOICES, type Restored } from "../../../src/model/engine/engine.ts";
import { requestGpuAdapter } from "../../../src/model/tfjs/gpu_adapter.ts";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { shippedWeights } from "../../../src/model/weights/shipped_weights.ts";
import { loadTfjsBackend } from "../../../src/model/tfjs/tfjs_backend.ts";
import { randomWeights, seededRandom } from "../../helpers/random_weights.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const weights = randomWeights(PRESETS.smoke);
const device = "cpu";
const adapter = await requestGpuAdapter();

/** A picture of noise that is smooth enough for neighbours to matter. */
function noise(width: number, height: number, seed = 1, depth: 8 | 16 = 8): Picture {
  const random = seededRandom(seed);
  const samples = depth === 16 ? new Uint16Array(3 * width * height) : new Uint8Array(3 * width * height);
  return {
    data: samples.map((_, i) => 2 ** depth * (0.7 * random() + 0.15 * (1 + Math.sin(i / 50)))),
    width,
    height,
  };
}

function worst(a: Picture | undefined, b: Picture | undefined): number {
  assert.deepEqual([a?.width, a?.height, a?.data.length], [b?.width, b?.height, b?.data.length]);
  let most = 0;
  a?.data.forEach((value, i) => most = Math.max(most, Math.abs(value - (b?.data[i] ?? NaN))));
  return most;
}

function copy(picture: Picture): Picture {
  return { ...picture, data: picture.data.slice() };
}

function isEngineError(pattern: RegExp, device?: string) {
  return (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    if (device !== undefined) assert.equal(error.device, device);
    assert.match(error.message, pattern);
    return true;
  };
}

Deno.test("openEngine: pictures of any size and depth come back in that size and depth, with their own buffer", async () => {
  await using engine = await openEngine({ weights, device });
  for (const [width, height] of [[1, 1], [1, 7], [33, 1], [35, 61], [64, 32]] as const) {
    for (const depth of [8, 16] as const) {
      const picture = noise(width, height, 1, depth);
      const before = copy(picture);
      const { input, image } = await engine.run(picture);
      assert.equal(picture.data.length, 0, "the picture was copied, not handed over");
      assert.deepEqual(input, before);
      assert.deepEqual([image.width, image.height, image.data.length], [width, height, 3 * width * height]);
      assert.equal(image.data.constructor, before.data.constructor);
      assert.notDeepEqual(image.data, before.data);
    }
  }
});

Deno.test("openEngine: branches come when asked for, and detail 0 is the picture itself", async () => {
  await using engine = await openEngine({ weights, device });
  const picture = noise(40, 24);
  const plain = await engine.run(copy(picture));
  assert.deepEqual(Object.keys(plain).sort(), ["image", "input"]);
  const { image, up, down } = await engine.run(copy(picture), { branches: true });
  assert.deepEqual(image, plain.image);
  assert.ok(worst(up, image) > 2 && worst(down, image) > 2);
  assert.deepEqual((await engine.run(copy(picture), { detail: 0 })).image, picture);
});

Deno.test("openEngine: runs asked for at once resolve in the order of the calls, each with its own picture", async () => {
  await using engine = await openEngine({ weights, device, concurrency: 3 });
  assert.equal(engine.concurrency, 3);
  const pictures = [noise(320, 160, 1), noise(16, 16, 2), noise(35, 27, 3)];
  const done: number[] = [];
  const together = await Promise.all(pictures.map(async (picture, i) => {
    const restored = await engine.run(copy(picture));
    done.push(i);
    return restored;
  }));
  assert.deepEqual(done, [0, 1, 2]);
  for (const [i, picture] of pictures.entries()) {
    assert.deepEqual(together[i]?.input, picture);
    assert.deepEqual(together[i]?.image, (await engine.run(copy(picture))).image);
  }
});

Deno.test("openEngine: a timer of 10 ms keeps ticking while a picture is restored", async () => {
  await using engine = await openEngine({ weights, device, threads: 1 });
  const picture = noise(1920, 1088);
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  const start = performance.now();
  await engine.run(picture);
  const elapsed = performance.now() - start;
  longest = Math.max(longest, performance.now() - last);
  clearInterval(timer);
  assert.ok(elapsed > 40, "the picture is too small to tell");
  assert.ok(longest < elapsed / 2, `${longest} of ${elapsed} ms without a tick`);
});

Deno.test("openEngine: disposing during a run does not wait for it, and rejects what is running and waiting", async () => {
  const engine = await openEngine({ weights, device, threads: 1 });
  const picture = noise(1920, 1088);
  const start = performance.now();
  const { input } = await engine.run(picture);
  const whole = performance.now() - start;
  const outcomes = Promise.allSettled([engine.run(input), engine.run(noise(16, 16))]);
  await new Promise((resolve) => setTimeout(resolve, whole / 4));
  const disposing = performance.now();
  await engine[Symbol.asyncDispose]();
  for (const outcome of await outcomes) {
    assert.equal(outcome.status, "rejected");
    isEngineError(/was disposed before it was done/, device)(outcome.reason);
  }
  assert.ok(performance.now() - disposing < whole / 2);
  await assert.rejects(engine.run(noise(16, 16)), isEngineError(/was disposed/, device));
  await engine[Symbol.asyncDispose]();
});

Deno.test("openEngine: engines do not disturb each other, and one can be opened after another has gone", async () => {
  const picture = noise(48, 48);
  await using first = await openEngine({ weights, device });
  const expected = (await first.run(copy(picture))).image;
  {
    await using second = await openEngine({ weights: randomWeights(PRESETS.smoke, 2), device });
    assert.notDeepEqual((await second.run(copy(picture))).image, expected);
  }
  assert.deepEqual((await first.run(copy(picture))).image, expected);
  await using third = await openEngine({ weights, device });
  assert.deepEqual((await third.run(copy(picture))).image, expected);
});

Deno.test("openEngine: a picture too large for its memory is restored in tiles, to the same bytes within 1", async () => {
  const picture = noise(1000, 75);
  await using whole = await openEngine({ weights, device });
  await using tiled = await openEngine({ weights, device, memoryBudget: 7_000_000 });
  const options = { branches: true, detail: 1.5 };
  const [a, b] = [await whole.run(copy(picture), options), await tiled.run(copy(picture), options)];
  for (const name of ["image", "up", "down"] as const) assert.ok(worst(a[name], b[name]) <= 1, name);
});

Deno.test("openEngine: a part that alone is wanted is restored as it is in the whole picture, within 1", async () => {
  await using engine = await openEngine({ weights: shippedWeights("fast"), device });
  const picture = renderScene({ width: 650, height: 390, noise: 3 });
  const { input, image: whole } = await engine.run(picture);
  const cells = Array.from(
    { length: 20 * 12 },
    (_, i) => i % 20 > 11 && i % 20 < 15 && i >= 20 * 5 && i < 20 * 8 ? 1 : 0,
  );
  const strength = { columns: 20, rows: 12, values: Float32Array.from(cells) };
  const { image: part, input: blurry } = await engine.run(input, { strength });
  const inside = { x: 410, y: 180, width: 60, height: 60 }; // between the middles of its cells
  assert.ok(worst(cropPicture(part, inside), cropPicture(whole, inside)) <= 1);
  assert.ok(worst(cropPicture(whole, inside), cropPicture(blurry, inside)) > 1, "something was restored");
  const outside = { x: 0, y: 0, width: 650, height: 140 };
  assert.deepEqual(cropPicture(part, outside), cropPicture(blurry, outside));
});

Deno.test("openEngine: a picture that is a part of a larger buffer does not take the buffer along", async () => {
  await using engine = await openEngine({ weights, device });
  const buffer = new Uint8Array(2 * 3 * 16 * 16).fill(9);
  await engine.run({ data: buffer.subarray(3 * 16 * 16), width: 16, height: 16 });
  assert.equal(buffer.length, 2 * 3 * 16 * 16);
});

const others: Partial<Record<Device, { readonly isHere: boolean }>> = {
  wasm: { isHere: true },
  tensorflow: { isHere: isNativeTensorFlowBuilt() },
  webgpu: { isHere: adapter !== null },
};
for (const [other, { isHere }] of Object.entries(others)) {
  Deno.test({
    name: `openEngine: ${other} gives the bytes of ONNX Runtime within 1, for both depths' range`,
    ignore: !isHere,
    async fn() {
      const restore = async (device: Device): Promise<Restored[]> => {
        await using engine = await openEngine({ weights, device });
        assert.equal(engine.device, device);
        return [
          await engine.run(noise(35, 61), { branches: true, detail: 1.5 }),
          await engine.run(noise(16, 16, 2), { branches: true }),
          await engine.run(noise(17, 3, 3, 16), { branches: true }),
        ];
      };
      const [onnx, tfjs] = [await restore(device), await restore(other as Device)];
      for (const [i, expected] of onnx.entries()) {
        // A step of 16 bits is finer than float sums in another order; 16 of them are far below one of 8 bits.
        const allowed = expected.image.data instanceof Uint16Array ? 16 : 1;
        for (const name of ["input", "image", "up", "down"] as const) {
          assert.ok(worst(expected[name], tfjs[i]?.[name]) <= allowed, `picture ${i}, ${name}`);
        }
      }
    },
  });
}

Deno.test("openEngine: auto opens a device that is no software GPU", async () => {
  await using engine = await openEngine({ weights });
  const devices = (await autoDevices()).map(({ device }) => device);
  assert.ok(devices.includes(engine.device));
  assert.equal(devices.at(-1), "cpu");
  if (adapter === null || adapter.info.isFallbackAdapter) assert.notEqual(engine.device, "webgpu");
});

Deno.test("openEngine: auto says which devices it tried in vain, and why each failed", async () => {
  const absent = platform === "win32" ? "coreml" : "directml";
  await using engine = await openEngine(
    { weights },
    () => Promise.resolve([{ device: absent }, { device: "cpu" }]),
  );
  assert.equal(engine.device, "cpu");
  assert.equal(engine.notes?.length, 1);
  assert.match(
    engine.notes?.[0] ?? "",
    new RegExp(`^Device "${absent}": .*it takes .*\\. Using "cpu" instead$`),
  );
  await using named = await openEngine({ weights, device });
  assert.deepEqual(named.notes, []);
});

Deno.test({
  name: "loadTfjsBackend: a software renderer is refused where it is not allowed",
  ignore: !adapter?.info.isFallbackAdapter,
  async fn() {
    await assert.rejects(loadTfjsBackend("webgpu", { allowSoftware: false }), /is a software renderer/);
  },
});

Deno.test("openEngine: an unknown device is refused with the list of those there are", async () => {
  // @ts-expect-error: what a command line may hand on
  await assert.rejects(openEngine({ weights, device: "gpu" }), (error) => {
    for (const known of DEVICE_CHOICES.keys()) isEngineError(new RegExp(known), "gpu")(error);
    return true;
  });
});

Deno.test("openEngine: a device this machine lacks says what it takes", async () => {
  const [absent, required] = platform === "win32"
    ? ["coreml", /macOS/] as const
    : ["directml", /Windows/] as const;
  await assert.rejects(openEngine({ weights, device: absent }), isEngineError(required, absent));
});

Deno.test("openEngine: weights that are not there are a WeightsError", async () => {
  await assert.rejects(openEngine({ weights: "no/such.safetensors", device }), WeightsError);
});

Deno.test("openEngine: aborting it before or while it opens rejects with the signal's reason", async () => {
  const reason = new Error("changed my mind");
  await assert.rejects(openEngine({ weights, device, signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const opening = openEngine({ weights, device, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 1);
  await assert.rejects(opening, reason);
});

Deno.test("openEngine: bad values are refused before anything is started", async () => {
  for (const bad of [0, -1, 1.5, NaN]) {
    await assert.rejects(openEngine({ weights, device, concurrency: bad }), /concurrency/);
    await assert.rejects(openEngine({ weights, device, memoryBudget: bad }), RangeError);
  }
  await using engine = await openEngine({ weights, device });
  const data = new Uint8Array(12);
  await assert.rejects(engine.run({ data, width: 3, height: 2 }), /3x2 with 12 samples/);
  await assert.rejects(engine.run({ data, width: 0, height: 2 }), RangeError);
  await assert.rejects(engine.run({ data, width: 2, height: 2 }, { detail: NaN }), /detail NaN/);
  const strength = { columns: 1, rows: 1, values: Float32Array.of(2) };
  await assert.rejects(
    engine.run({ data, width: 2, height: 2 }, { strength }),
    /strength 2: it must be from 0 to 1/,
  );
  assert.equal(data.length, 12, "a refused picture stays with its owner");
});
