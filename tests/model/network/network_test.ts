import assert from "node:assert/strict";
import { type NetworkConfig, PRESETS } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import type { Ops } from "../../../src/model/network/ops.ts";
import type { TensorData } from "../../../src/model/weights/safetensors.ts";
import { type Expression, runOnnx, runTfjs } from "../../helpers/run_ops.ts";

const TINY: NetworkConfig = {
  channels: [1, 1],
  strides: [1, 1],
  residualBlocks: 1,
  scales: 1,
  frames: 1,
  twoWay: true,
  inputSkip: false,
};

/** What each layer does to a picture of one pixel: factors of the tap it meets, and bias. */
const LAYERS: Readonly<Record<string, readonly [taps: number[], bias: number[]]>> = {
  "encoder.0.conv": [[1, 1, 1, 1, 1, 1], [0.3]],
  "encoder.0.residual.0.first": [[2], [-1]],
  "encoder.0.residual.0.second": [[0.5], [0.25]],
  "encoder.1.conv": [[-1], [4]],
  "encoder.1.residual.0.first": [[-4], [1]],
  "encoder.1.residual.0.second": [[7], [-0.5]],
  "up.1.deconv": [[2], [-0.5]],
  "up.1.residual.0.first": [[1], [-3]],
  "up.1.residual.0.second": [[2], [0.1]],
  "up.0.conv": [[0.1, 0.2, -0.1], [0.01, 0, 1]],
  "down.1.deconv": [[4], [-1]],
  "down.1.residual.0.first": [[-1], [0]],
  "down.1.residual.0.second": [[5], [-1]],
  "down.0.conv": [[1, 2, 3], [-1, 0, 0.5]],
};

/** Kernels whose other taps are 9, and must meet only the zeros around the pixel. */
function tinyTensors(): Map<string, TensorData> {
  return new Map(
    describeNetwork(TINY).tensors.map(({ name, shape }) => {
      const [taps, bias] = LAYERS[name.replace(/\.(weight|bias)$/, "")] ?? [[], []];
      const data = new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(9);
      if (name.endsWith(".bias")) data.set(bias);
      else data.set(taps, shape[0] === 2 ? 0 : 4 * taps.length);
      return [name, { shape, data }];
    }),
  );
}

const expression: Expression = (ops, x) => {
  const [output] = mtdn(ops, TINY, x);
  assert.ok(output?.down);
  return { image: output.image, up: output.up, down: output.down };
};

for (const [interpreter, run] of Object.entries({ tfjsOps: runTfjs, onnxOps: runOnnx })) {
  Deno.test(`mtdn: on ${interpreter}, one pixel goes through encoder, residual blocks and both decoders as by hand`, async () => {
    // B = (0.1, 0.2, 0.3), twice: 1.2 + 0.3 = 1.5. Residual: 1.5 + 0.5 relu(3 - 1) + 0.25 = 2.75.
    // Second block: 4 - 2.75 = 1.25. Residual: 1.25 + 7 relu(1 - 5) - 0.5 = 0.75.
    // Up: relu(1.5 - 0.5) + skip 2.75 = 3.75. Residual: 3.75 + 2 relu(0.75) + 0.1 = 5.35.
    // Down: relu(3 - 1) = 2, no skip. Residual: 2 + 5 relu(-2) - 1 = 1.
    const got = await run(expression, tinyTensors(), {
      shape: [1, 1, 3],
      data: Float32Array.of(0.1, 0.2, 0.3),
    });
    const expected = { up: [0.545, 1.07, 0.465], down: [0, 2, 3.5], image: [0.545, 3.07, 3.965] };
    for (const [name, values] of Object.entries(expected)) {
      const data = got.get(name)?.data ?? [];
      values.forEach((value, i) => assert.ok(Math.abs(value - (data[i] ?? NaN)) < 1e-6, `${name}: ${data}`));
    }
  });
}

/** Writes the network as text, to see who is joined with whom. */
function textOps(joined: string[]): Ops<string> {
  return {
    conv: (_, layer) => layer,
    deconv: (_, layer) => layer,
    relu: (x) => x,
    add: (a, b) => {
      joined.push(`${a} + ${b}`);
      return a;
    },
    scale: (x, factor) => `${factor} ${x}`,
    concat: (parts) => {
      joined.push(parts.join(" | "));
      return parts[0] ?? "";
    },
    halve: (x) => `${x}/2`,
    enlarge: (x, times) => `${times} x ${x}`,
  };
}

Deno.test("mtdn: the coarsest scale starts from its own picture, each finer one from the doubled result below", () => {
  const joined: string[] = [];
  const outputs = mtdn(textOps(joined), { ...PRESETS.paper, residualBlocks: 0 }, "B");
  assert.deepEqual(joined.filter((text) => text.includes("|")), [
    "B/2/2 | B/2/2",
    "B/2 | 2 x up.0.conv",
    "B | 2 x up.0.conv",
  ]);
  assert.deepEqual(outputs.map(({ blurry }) => blurry), ["B/2/2", "B/2", "B"]);
});

Deno.test("mtdn: the up branch is joined with the encoder's features, the down branch is not", () => {
  const joined: string[] = [];
  mtdn(textOps(joined), { ...PRESETS.paper, residualBlocks: 0, scales: 1 }, "B");
  assert.deepEqual(joined, [
    "B | B",
    "up.2.deconv + encoder.1.conv",
    "up.1.deconv + encoder.0.conv",
    "up.0.conv + down.0.conv",
  ]);
});

Deno.test("mtdn: inputSkip adds the blurry picture to the up branch, and one way has no down branch", () => {
  const joined: string[] = [];
  const config = { ...PRESETS["fast-single"], residualBlocks: 0, scales: 1 };
  const [output] = mtdn(textOps(joined), config, "B");
  assert.deepEqual(joined, ["B | B", "up.1.deconv + encoder.0.conv", "up.0.deconv + B"]);
  assert.equal(output?.down, undefined);
  assert.equal(output?.image, output?.up);
});
