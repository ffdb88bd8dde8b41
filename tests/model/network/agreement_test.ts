import assert from "node:assert/strict";
import {
  FLOW_CELL,
  isPreset,
  type NetworkConfig,
  PRESETS,
  sizeMultiple,
} from "../../../src/model/network/config.ts";
import { mtdn, type Neighbour } from "../../../src/model/network/network.ts";
import type { Ops } from "../../../src/model/network/ops.ts";
import type { TensorData } from "../../../src/model/weights/safetensors.ts";
import { padPicture } from "../../../src/model/restore/pad_picture.ts";
import { randomWeights, seededRandom } from "../../helpers/random_weights.ts";
import {
  type Expression,
  largestDifference,
  openOnnx,
  runOnnx,
  runTfjs,
  type Values,
} from "../../helpers/run_ops.ts";

/** Something that differs from the picture, and moves by many pixels, as a network of three frames takes them. */
function neighbour<T>(ops: Ops<T>, x: T, name: string): Neighbour<T> {
  const spec = { inChannels: 3, outChannels: 2, kernel: 1, stride: 1 };
  let cells = x;
  for (let side = FLOW_CELL; side > 1; side /= 2) cells = ops.halve(cells);
  return { moved: ops.scale(x, 0.8), flow: ops.conv(cells, name, spec) };
}

const FLOWS = new Map(["previous flow", "next flow"].flatMap((name, i) => [
  [`${name}.weight`, { shape: [1, 1, 3, 2], data: Float32Array.of(9, -8, 7, 6, -5, 4).map((v) => v + i) }],
  [`${name}.bias`, { shape: [2], data: Float32Array.of(-3, 2 + i) }],
]));

function weightsOf(config: NetworkConfig): ReadonlyMap<string, TensorData> {
  const { tensors } = randomWeights(config);
  return config.frames === 1 ? tensors : new Map([...tensors, ...FLOWS]);
}

/** `image`, `up` and `down` of every scale. */
function everyScale(config: NetworkConfig): Expression {
  return (ops, x) =>
    Object.fromEntries(
      mtdn(
        ops,
        config,
        x,
        config.frames === 1 ? [] : ["previous flow", "next flow"].map((name) => neighbour(ops, x, name)),
      ).flatMap(({ image, up, down }, scale) => [
        [`image ${scale}`, image],
        [`up ${scale}`, up],
        ...(down === undefined ? [] : [[`down ${scale}`, down] as const]),
      ]),
    );
}

/** A picture of noise, padded as the engines pad it, as values 0 … 1. */
function noise(width: number, height: number, config: NetworkConfig): Values {
  const random = seededRandom(7);
  const data = Uint8Array.from({ length: 3 * width * height }, () => 256 * random());
  const padded = padPicture({ data, width, height }, sizeMultiple(config));
  return {
    shape: [padded.height, padded.width, 3],
    data: Float32Array.from(padded.data, (value) => value / 255),
  };
}

for (const preset of Object.keys(PRESETS).filter(isPreset)) {
  const config = PRESETS[preset];
  const multiple = sizeMultiple(config);
  const tensors = weightsOf(config);
  for (const [width, height] of [[2 * multiple, multiple], [35, 27]] as const) {
    Deno.test(`onnxOps and tfjsOps agree to 1e-4 at every scale: ${preset}, ${width}x${height}`, async () => {
      const picture = noise(width, height, config);
      const tfjs = await runTfjs(everyScale(config), tensors, picture);
      assert.equal(tfjs.size, config.scales * (config.twoWay ? 3 : 2));
      for (const [name, { data }] of tfjs) assert.ok(data.some((value) => Math.abs(value) > 0.01), name);
      const onnx = await runOnnx(everyScale(config), tensors, picture);
      assert.ok(largestDifference(tfjs, onnx) < 1e-4);
    });
  }

  Deno.test(`onnxOps and tfjsOps disagree when one tap of any one tensor is changed: ${preset}`, async () => {
    const picture = noise(2 * multiple, 2 * multiple, config); // so that every tap of the coarsest kernels meets a value
    const tfjs = await runTfjs(everyScale(config), tensors, picture);
    const onnx = await openOnnx(everyScale(config), tensors, picture.shape);
    try {
      assert.deepEqual([...onnx.weights.keys()].sort(), [...tensors.keys()].sort());
      assert.ok(largestDifference(tfjs, await onnx.run(picture)) < 1e-4);
      const random = seededRandom(3);
      for (const [tensor, { size }] of onnx.weights) {
        // Some channels are cut off by ReLU everywhere; a tap that reads or writes one of them changes nothing.
        for (let tries = 0, difference = 0; difference < 1e-4; tries++) {
          assert.ok(tries < 5, `${tensor}: no changed tap was noticed`);
          const index = Math.floor(size * random());
          difference = largestDifference(tfjs, await onnx.run(picture, { tensor, index, by: 1 }));
        }
      }
    } finally {
      await onnx.release();
    }
  });
}

Deno.test("randomWeights: no tensor is zero", () => {
  for (const [name, { data }] of randomWeights(PRESETS.smoke).tensors) {
    assert.ok(data.every((value) => value !== 0), name);
  }
});
