import assert from "node:assert/strict";
import ort from "onnxruntime-node";
import protobuf from "protobufjs/light.js";
import type { Picture } from "../../../src/frame.ts";
import { PRESETS, sizeMultiple } from "../../../src/model/network/config.ts";
import type { Neighbours } from "../../../src/model/engine/engine.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { exportOnnx, type ExportOnnxOptions } from "../../../src/model/onnx/export_onnx.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import type { Weights } from "../../../src/model/weights/weights.ts";
import { blockFlow, flowPyramid } from "../../../src/motion/block_flow.ts";
import { moveOnto } from "../../../src/motion/move_onto.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { randomWeights, seededRandom } from "../../helpers/random_weights.ts";
import { runTfjs } from "../../helpers/run_ops.ts";

const [WIDTH, HEIGHT] = [32, 16];

/** What ONNX's schema (`onnx.proto`) has of ModelProto besides the graph: `doc_string` and `metadata_props`. */
const ABOUT = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: { about: { type: "string", id: 6 }, metadata: { rule: "repeated", type: "Entry", id: 14 } },
    },
    Entry: { fields: { key: { type: "string", id: 1 }, value: { type: "string", id: 2 } } },
  },
}).lookupType("Model");

async function openSession(weights: Weights, options?: ExportOnnxOptions) {
  const session = await ort.InferenceSession.create(exportOnnx(weights, options), { logSeverityLevel: 4 });
  return Object.assign(session, { [Symbol.asyncDispose]: () => session.release() });
}

function noise(depth: 8 | 16): Picture {
  const random = seededRandom(5);
  const samples = depth === 16 ? new Uint16Array(3 * WIDTH * HEIGHT) : new Uint8Array(3 * WIDTH * HEIGHT);
  return { data: samples.map(() => 2 ** depth * random()), width: WIDTH, height: HEIGHT };
}

async function run(session: ort.InferenceSession, { data }: Picture, detail: number) {
  const results = await session.run({
    picture: new ort.Tensor(data instanceof Uint16Array ? "uint16" : "uint8", data, [1, HEIGHT, WIDTH, 3]),
    detail: new ort.Tensor("float32", [detail], []),
  });
  return (name: string) => Array.from(results[name]?.data ?? [], Number);
}

/** The branches at full size as tfjs computes them, values around 0 … 1. */
async function branches(weights: Weights, { data }: Picture) {
  const white = data instanceof Uint16Array ? 65535 : 255;
  const results = await runTfjs(
    (ops, x) => {
      const finest = mtdn(ops, weights.config, x).at(-1);
      assert.ok(finest?.down);
      return { up: finest.up, down: finest.down };
    },
    weights.tensors,
    { shape: [HEIGHT, WIDTH, 3], data: Float32Array.from(data, (value) => value / white) },
  );
  return (name: string) => [...results.get(name)?.data ?? []];
}

Deno.test("exportOnnx: pictures go in and come out as uint8 [1, height, width, 3] of any size", async () => {
  await using session = await openSession(randomWeights(PRESETS.smoke), { branches: true });
  const picture = { isTensor: true, type: "uint8", shape: [1, "height", "width", 3] };
  assert.deepEqual(session.inputMetadata, [
    { name: "picture", ...picture },
    { name: "detail", isTensor: true, type: "float32", shape: [] },
  ]);
  assert.deepEqual(session.outputMetadata, ["image", "up", "down"].map((name) => ({ name, ...picture })));
});

Deno.test("exportOnnx: depth 16 makes them uint16, and no branches leaves the image alone", async () => {
  await using session = await openSession(randomWeights(PRESETS.smoke), { depth: 16 });
  assert.deepEqual(session.inputMetadata[0], {
    name: "picture",
    isTensor: true,
    type: "uint16",
    shape: [1, "height", "width", 3],
  });
  assert.deepEqual(session.outputNames, ["image"]);
});

Deno.test("exportOnnx: a one-way network has no down output", async () => {
  await using session = await openSession(randomWeights(PRESETS["fast-single"]), { branches: true });
  assert.deepEqual(session.outputNames, ["image", "up"]);
});

for (const depth of [8, 16] as const) {
  Deno.test(`exportOnnx: image = picture + detail × change, clamped and rounded to ${depth} bits; down around mid-grey`, async () => {
    const weights = randomWeights(PRESETS.smoke);
    const picture = noise(depth);
    const tfjs = await branches(weights, picture);
    const white = 2 ** depth - 1;
    const before = (i: number) => (picture.data[i] ?? NaN) / white;
    const samples = (values: number[]) =>
      values.map((v) => Math.min(white, Math.max(0, Math.round(v * white))));
    await using session = await openSession(weights, { depth, branches: true });
    for (const detail of [0, 1, 2.5]) {
      const got = await run(session, picture, detail);
      const [up, down] = [tfjs("up"), tfjs("down")];
      const expected = {
        up: samples(up),
        down: samples(down.map((value) => value + 0.5)),
        image: samples(up.map((value, i) => before(i) + detail * (value + (down[i] ?? NaN) - before(i)))),
      };
      for (const [name, values] of Object.entries(expected)) {
        const result = got(name);
        assert.equal(result.length, values.length);
        const worst = Math.max(...values.map((value, i) => Math.abs(value - (result[i] ?? NaN))));
        assert.ok(worst <= 1, `${name} at detail ${detail}: ${worst}`);
        const levels = new Set(result);
        assert.ok(levels.size > 30, `${name} has ${levels.size} levels`);
      }
      if (detail === 0) assert.deepEqual(got("image"), Array.from(picture.data));
    }
  });
}

for (const preset of ["smoke", "fast"] as const) {
  Deno.test(`exportOnnx: the file of ${preset} carries the network's config, and what its sides have to be multiples of`, () => {
    const { config, tensors } = randomWeights(PRESETS[preset]);
    const file = ABOUT.decode(exportOnnx({ config, tensors }));
    const { metadata = [], about } = ABOUT.toObject(file) as { metadata?: object[]; about?: string };
    assert.deepEqual(metadata, [
      { key: "config", value: JSON.stringify(config) },
      { key: "size_multiple", value: `${sizeMultiple(config)}` },
    ]);
    assert.ok(about?.includes(`multiples of ${sizeMultiple(config)}:`), about);
  });
}

Deno.test("exportOnnx: the file of a network of three frames takes its neighbours by name, and is the engine's network", async () => {
  const weights = randomWeights(PRESETS["smoke-video"]);
  await using session = await openSession(weights);
  const picture = { isTensor: true, type: "uint8", shape: [1, "height", "width", 3] };
  const flow = { isTensor: true, type: "float32", shape: [1, "rows", "columns", 2] };
  assert.deepEqual(session.inputMetadata, [
    { name: "picture", ...picture },
    { name: "detail", isTensor: true, type: "float32", shape: [] },
    { name: "previous", ...picture },
    { name: "previous_flow", ...flow },
    { name: "next", ...picture },
    { name: "next_flow", ...flow },
  ]);
  assert.deepEqual(session.outputNames, ["image"]);

  // What a user does by the file's own description: move the neighbours along their flow, and hand both in.
  const [width, height] = [64, 48];
  const frame = (x: number, y: number) => renderClouds({ width, height, x, y });
  const [now, previous, next] = [frame(0, 0), frame(-7, 3), frame(10, -5)];
  const pictures = (data: Picture["data"]) =>
    new ort.Tensor("uint8", data as Uint8Array, [1, height, width, 3]);
  const beside = (neighbour: Picture) => {
    const { rows, columns, vectors } = blockFlow(flowPyramid(now), flowPyramid(neighbour));
    return [
      pictures(moveOnto(neighbour, { rows, columns, vectors }).data),
      new ort.Tensor("float32", vectors, [1, rows, columns, 2]),
    ] as const;
  };
  const run = async (before: ReturnType<typeof beside>, after: ReturnType<typeof beside>) => {
    const { image } = await session.run({
      picture: pictures(now.data),
      detail: new ort.Tensor("float32", [1], []),
      previous: before[0],
      previous_flow: before[1],
      next: after[0],
      next_flow: after[1],
    });
    return image?.data;
  };
  await using engine = await openEngine({ weights, device: "cpu" });
  const restore = async (neighbours: Neighbours) =>
    (await engine.run({ ...now, data: now.data.slice() }, { neighbours })).image.data;
  assert.deepEqual(await run(beside(previous), beside(next)), await restore({ previous, next }));
  const missing = [
    pictures(now.data),
    new ort.Tensor("float32", new Float32Array(2 * 3 * 4), [1, 3, 4, 2]),
  ] as const;
  assert.deepEqual(await run(missing, beside(next)), await restore({ next }));
  assert.notDeepEqual(await run(missing, missing), await restore({ previous, next }));
});

Deno.test("exportOnnx: the file of a network of three frames says what its neighbours are, others say nothing of them", () => {
  const aboutOf = (preset: "smoke" | "smoke-video") =>
    (ABOUT.toObject(ABOUT.decode(exportOnnx(randomWeights(PRESETS[preset])))) as { about: string }).about;
  for (const word of ['"previous_flow"', '"next_flow"', "pixels to the right and down", "16 x 16", "zeros"]) {
    assert.ok(aboutOf("smoke-video").includes(word), word);
  }
  assert.ok(!aboutOf("smoke").includes("previous"));
});
