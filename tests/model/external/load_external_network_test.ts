import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { WeightsError } from "../../../src/errors.ts";
import type { Picture } from "../../../src/frame.ts";
import type { Restored } from "../../../src/model/engine/engine.ts";
import { openEngine, type OpenEngineOptions } from "../../../src/model/engine/open_engine.ts";
import type { ChannelOrder } from "../../../src/model/external/external_network.ts";
import { readNetwork } from "../../../src/model/external/read_network.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { exportOnnx } from "../../../src/model/onnx/export_onnx.ts";
import { OnnxGraph } from "../../../src/model/onnx/onnx_graph.ts";
import { randomWeights } from "../../helpers/random_weights.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";
import { smallGraph, type SmallGraphOptions } from "../../helpers/small_graph.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** Opens an engine on a graph. */
async function openGraph(
  model: Uint8Array,
  { channels, ...options }: { channels?: ChannelOrder } & Partial<OpenEngineOptions> = {},
) {
  await using folder = await temporaryFolder();
  const path = folder.file("net.onnx");
  await writeFile(path, model);
  const weights = await readNetwork(path, channels && { channels });
  return await openEngine({ weights, device: "cpu", ...options });
}

async function restore(model: Uint8Array, picture: Picture, options = {}): Promise<Restored> {
  await using engine = await openGraph(model, options);
  return await engine.run(picture);
}

function scene(width = 70, height = 45): Picture {
  const { data } = renderScene({ width, height });
  return { data: data.map((value) => Math.min(220, value)), width, height }; // so that brighter is not clipped
}

/** Every sample a 25th of the range brighter. */
function brighter({ data, width, height }: Picture): Picture {
  return { data: Uint8Array.from(data, (value) => Math.round(value + 10.2)), width, height };
}

function worst(a: Picture, b: Picture): number {
  assert.deepEqual([a.width, a.height, a.data.length], [b.width, b.height, b.data.length]);
  let most = 0;
  a.data.forEach((value, i) => most = Math.max(most, Math.abs(value - (b.data[i] ?? NaN))));
  return most;
}

const KINDS: readonly (readonly [name: string, options: SmallGraphOptions, takes: RegExp])[] = [
  ["NCHW of any size", {}, /float32 NCHW RGB pictures of any size, values 0 to 1;/],
  ["NHWC", { layout: "NHWC" }, /float32 NHWC RGB/],
  ["float16", { type: "float16" }, /float16 NCHW/],
  ["bytes", { type: "uint8", layout: "NHWC" }, /uint8 NHWC RGB pictures of any size; its/],
  ["values to 255", { white: 255 }, /values 0 to 255;/],
  ["multiples of 8", { stride: 8 }, /multiples of 8,/],
  ["multiples of 16", { stride: 16 }, /multiples of 16,/],
  ["multiples of 32", { stride: 32 }, /multiples of 32,/],
  ["multiples of 64", { stride: 64, layout: "NHWC" }, /multiples of 64,/],
  ["a fixed size", { height: 48, width: 64 }, /pictures of 64x48,/],
  ["a size that it hides", { bakedSide: 128 }, /pictures of 128x128,/],
  ["several outputs", { extraOutputs: true }, /the output "output"$/],
];
for (const [name, options, takes] of KINDS) {
  Deno.test(`openEngine: a graph with ${name} restores pictures of any size, and says what it takes`, async () => {
    const model = smallGraph(options);
    await using engine = await openGraph(model);
    assert.match(engine.notes?.[0] ?? "", takes);
    for (const [width, height] of [[70, 45], [150, 133], [1, 1]] as const) {
      const picture = scene(width, height);
      const expected = brighter(picture);
      const { image, input } = await engine.run({ ...picture, data: picture.data.slice() });
      assert.deepEqual(input, picture);
      assert.ok(worst(image, expected) <= 1, `${width}x${height}`);
    }
  });
}

Deno.test("openEngine: a graph of any size is tiled where memory is short, to the same picture", async () => {
  const picture = scene(500, 300);
  const expected = brighter(picture);
  for (const options of [{}, { stride: 32 }]) {
    const { image } = await restore(smallGraph(options), { ...picture, data: picture.data.slice() }, {
      memoryBudget: 20_000_000,
    });
    assert.ok(worst(image, expected) <= 1);
  }
});

Deno.test("openEngine: pictures of 16 bits keep their depth in a graph of floats", async () => {
  const { data, width, height } = scene();
  const deep = { data: Uint16Array.from(data, (value, i) => 257 * value + i % 200), width, height };
  const expected = Uint16Array.from(deep.data, (value) => Math.round(value + 2621.4));
  const { image } = await restore(smallGraph(), deep);
  assert.ok(image.data instanceof Uint16Array);
  assert.ok(worst(image, { data: expected, width, height }) <= 1);
});

Deno.test("openEngine: the order of colours is turned for a graph of BGR, and turned back", async () => {
  const graph = new OnnxGraph();
  const input = graph.input("input", "float", [1, 3, "h", "w"]);
  const more = graph.constant("more", "float", [1, 3, 1, 1], Float32Array.of(0.04, 0, 0)); // of the first channel
  const sum = graph.node("Add", [input, more]);
  const clipped = graph.node("Clip", [sum, graph.scalar(0), graph.scalar(1)]);
  graph.output("output", clipped, "float", [1, 3, "h", "w"]);
  const model = graph.toModel("first channel");
  for (const [channels, first] of [["rgb", 0], ["bgr", 2]] as const) {
    const picture = scene();
    const expected = picture.data.map((value, i) => i % 3 === first ? Math.round(value + 10.2) : value);
    const { image } = await restore(model, picture, { channels });
    assert.ok(worst(image, { ...picture, data: expected }) <= 1, channels);
  }
});

Deno.test("openEngine: a stack of three frames gets the frames beside each, and the frame itself for one that is missing", async () => {
  const model = smallGraph({ frames: 3 });
  await using engine = await openGraph(model);
  assert.equal(engine.frames, 3);
  assert.match(engine.notes?.[0] ?? "", /takes 3 frames of float32 NCHW/);
  const picture = scene(96, 64);
  const shifted = (by: number) => ({ ...picture, data: picture.data.map((value) => value + by) });
  const copy = () => ({ ...picture, data: picture.data.slice() });
  const both = await engine.run(copy(), { neighbours: { previous: shifted(4), next: shifted(-2) } });
  assert.equal(both.neighbours, 2);
  assert.ok(worst(both.image, brighter(shifted(1))) <= 1);
  const one = await engine.run(copy(), { neighbours: { next: shifted(-4) } });
  assert.equal(one.neighbours, 1);
  assert.ok(worst(one.image, brighter(shifted(-2))) <= 1);
  const noise = { ...picture, data: picture.data.map((_, i) => (i * 7919) % 251) };
  const cut = await engine.run(copy(), { neighbours: { previous: noise, next: noise } });
  assert.ok(worst(cut.image, brighter(picture)) <= 1, "what is behind a cut is not looked at");
});

Deno.test("openEngine: frames may have a side of their own", async () => {
  const graph = new OnnxGraph();
  const input = graph.input("frames", "float", [1, 3, 3, "h", "w"]);
  graph.output("middle", graph.node("ReduceMean", [input], { axes: [1], keepdims: 0 }), "float", [
    1,
    3,
    "h",
    "w",
  ]);
  await using engine = await openGraph(graph.toModel("five sides"));
  assert.equal(engine.frames, 3);
  const picture = scene(96, 64);
  const shifted = (by: number) => ({ ...picture, data: picture.data.map((value) => value + by) });
  const { image } = await engine.run(shifted(0), { neighbours: { previous: shifted(9), next: shifted(3) } });
  assert.ok(worst(image, shifted(4)) <= 1);
});

for (const preset of ["smoke", "smoke-video"] as const) {
  Deno.test(`openEngine: this project's own export of ${preset}, read back, gives the same bytes`, async () => {
    const weights = randomWeights(PRESETS[preset]);
    await using own = await openEngine({ weights, device: "cpu" });
    await using back = await openGraph(exportOnnx(weights));
    assert.equal(back.frames, own.frames);
    const neighbours = { previous: scene(64, 48), next: scene(64, 48) };
    for (const options of [{}, { detail: 0.5 }]) {
      const [a, b] = [
        await own.run(scene(64, 48), { ...options, neighbours }),
        await back.run(scene(64, 48), { ...options, neighbours }),
      ];
      assert.deepEqual(b.image, a.image);
    }
  });
}

function oneNode(
  inputs: readonly (readonly [string, "float" | "int64", readonly (number | string)[]])[],
  scale = 1,
) {
  const graph = new OnnxGraph();
  const [first = ""] = inputs.map(([name, type, shape]) => graph.input(name, type, shape));
  const scales = graph.constant("scales", "float", [4], Float32Array.of(1, 1, scale, scale));
  const value = scale === 1
    ? graph.node("Abs", [first])
    : graph.node("Resize", [first, "", scales], { mode: "nearest" });
  graph.output("output", value, inputs[0]?.[1] ?? "float", ["a", "b", "c", "d"]);
  return graph.toModel("misfit");
}

const MISFITS: readonly (readonly [name: string, model: Uint8Array, why: RegExp])[] = [
  [
    "one channel",
    oneNode([["grey", "float", [1, 1, "h", "w"]]]),
    /input "grey", float32 \[1, 1, any, any\], has no side of 3 channels/,
  ],
  [
    "a batch of 8",
    oneNode([["x", "float", [8, 3, "h", "w"]]]),
    /input "x", float32 .* takes 8 pictures at once\. Export/,
  ],
  ["no picture", oneNode([["x", "float", [1, 256]]]), /input "x", float32 \[1, 256\], is no picture/],
  [
    "whole numbers of 64 bits",
    oneNode([["x", "int64", [1, 3, "h", "w"]]]),
    /input "x", int64 .* unknown type/,
  ],
  [
    "a mask",
    oneNode([["x", "float", [1, 3, "h", "w"]], ["mask", "float", [1, 1, "h", "w"]]]),
    /input "mask".* is a second picture beside "x"/,
  ],
  [
    "another number",
    oneNode([["x", "float", [1, 3, "h", "w"]], ["sigma", "float", []]]),
    /input "sigma", float32 \[\], is nothing that a picture says/,
  ],
  ["five frames", oneNode([["x", "float", [1, 15, "h", "w"]]]), /input "x".* takes 5 frames/],
  [
    "a larger result",
    oneNode([["x", "float", [1, 3, "h", "w"]]], 2),
    /none of its outputs has the shape: "output" \[1, 3, /,
  ],
  ["no graph at all", new TextEncoder().encode("hello"), /cannot be read as a network: (?!.*it takes)/],
];
for (const [name, model, why] of MISFITS) {
  Deno.test(`openEngine: a graph with ${name} is refused, by its file and the input that does not fit`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("net.onnx");
    await writeFile(path, model);
    await assert.rejects(openEngine({ weights: path }), (error) => {
      assert.ok(error instanceof WeightsError, String(error));
      assert.ok(error.message.startsWith(`${path}: `), error.message);
      assert.match(error.message, why);
      return true;
    });
  });
}

Deno.test("openEngine: a graph does not run on a device of TensorFlow.js, and auto does not try", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("net.onnx");
  await writeFile(path, smallGraph());
  await assert.rejects(
    openEngine({ weights: path, device: "wasm" }),
    /"wasm".* networks of this project only\. .*cpu/,
  );
  await using engine = await openEngine(
    { weights: path },
    () => Promise.resolve([{ device: "webgpu" }, { device: "cpu" }]),
  );
  assert.equal(engine.device, "cpu");
});

Deno.test("openEngine: an output with values that are no numbers fails instead of giving a black picture", async () => {
  const graph = new OnnxGraph();
  const input = graph.input("x", "float", [1, 3, "h", "w"]);
  graph.output("y", graph.node("Sqrt", [graph.node("Sub", [input, graph.scalar(10_000)])]), "float", [
    1,
    3,
    "h",
    "w",
  ]);
  await assert.rejects(openGraph(graph.toModel("nan")), /no numbers \(NaN/);
});
