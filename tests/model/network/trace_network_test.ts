import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import assert from "node:assert/strict";
import { isPreset, type NetworkConfig, PRESETS, sizeMultiple } from "../../../src/model/network/config.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import { releasingOps } from "../../../src/model/tfjs/releasing_ops.ts";
import { tfjsOps } from "../../../src/model/tfjs/tfjs_ops.ts";
import { traceNetwork } from "../../../src/model/network/trace_network.ts";
import { randomWeights, seededRandom } from "../../helpers/random_weights.ts";

/** Small enough for plain JavaScript at sizes beyond its reach. */
const SMALL: NetworkConfig = {
  channels: [2, 2],
  strides: [4, 2],
  residualBlocks: 1,
  scales: 2,
  frames: 1 as const,
  twoWay: true,
  inputSkip: true,
};

Deno.test("traceNetwork: reach of a plain convolution, by hand", () => {
  const plain = {
    channels: [4],
    strides: [1],
    residualBlocks: 1,
    scales: 1,
    frames: 1 as const,
    twoWay: false,
    inputSkip: false,
  };
  // One pixel for the first convolution, one for each of the block's two, one for the last.
  assert.equal(traceNetwork(plain).reach, 4);
  // A second scale begins with a halved picture: the same four at two pixels each, three on the way back, four more.
  assert.ok(traceNetwork({ ...plain, scales: 2 }).reach >= 4 * 2 + 3 + 4);
});

Deno.test("traceNetwork: a pixel beyond the reach changes nothing, one inside does", async () => {
  await tf.setBackend("cpu");
  const { reach } = traceNetwork(SMALL);
  const multiple = sizeMultiple(SMALL);
  assert.equal(reach % multiple, 0);
  const [width, height] = [reach + 4 * multiple, multiple];
  const random = seededRandom(2);
  const data = Float32Array.from({ length: 3 * width * height }, random);
  const weights = randomWeights(SMALL);
  const restored = (values: Float32Array) =>
    tf.tidy(() => {
      const tensors = new Map(
        [...weights.tensors].map(([name, t]) => [name, tf.tensor(t.data, [...t.shape])]),
      );
      const finest = mtdn(tfjsOps(tf, tensors), SMALL, tf.tensor4d(values, [1, height, width, 3])).at(-1);
      return finest?.image.dataSync() ?? new Float32Array();
    });
  const before = restored(data);
  const changedColumns = (column: number) => {
    const changed = data.slice();
    for (let y = 0; y < height; y++) changed.fill(5, 3 * (y * width + column), 3 * (y * width + column) + 3);
    const after = restored(changed);
    return Array.from({ length: width }, (_, x) => x).filter((x) =>
      Array.from({ length: 3 * height }, (_, i) => 3 * (Math.floor(i / 3) * width + x) + i % 3)
        .some((i) => after[i] !== before[i])
    );
  };
  const left = changedColumns(width - 1);
  assert.ok(Math.min(...left) >= width - 1 - reach, `column ${Math.min(...left)} of ${width}`);
  assert.ok(Math.min(...left) <= width - 1 - reach / 3, "the reach is far too careful");
});

Deno.test("traceNetwork: two scales of memory cost little more than one, and every preset costs something", () => {
  for (const preset of Object.keys(PRESETS).filter(isPreset)) {
    const { bytesPerPixel } = traceNetwork(PRESETS[preset]);
    const { bytesPerPixel: coarse } = traceNetwork({ ...PRESETS[preset], scales: 1 });
    assert.ok(bytesPerPixel >= 3 * 4 && bytesPerPixel < 1.5 * coarse, `${preset}: ${bytesPerPixel}`);
  }
});

Deno.test("releasingOps: the same result bit for bit, from a fraction of the tensors, and none left behind", async () => {
  await tf.setBackend("cpu");
  const weights = randomWeights(SMALL);
  const tensors = new Map([...weights.tensors].map(([name, t]) => [name, tf.tensor(t.data, [...t.shape])]));
  const random = seededRandom(4);
  const side = 2 * sizeMultiple(SMALL);
  const data = Float32Array.from({ length: 3 * side * side }, random);
  const trace = traceNetwork(SMALL);
  let most = 0;
  const run = (isReleasing: boolean) =>
    tf.tidy(() => {
      const before = tf.memory().numTensors;
      const blurry = tf.tensor4d(data, [1, side, side, 3]);
      const plain = tfjsOps(tf, tensors);
      const ops = isReleasing ? releasingOps(tf, plain, trace, [blurry]) : plain;
      const finest = mtdn(ops, SMALL, blurry).at(-1);
      most = tf.memory().numTensors - before;
      return finest?.image.dataSync() ?? new Float32Array();
    });
  const whole = run(false);
  const all = most;
  const start = tf.memory().numTensors;
  assert.deepEqual(run(true), whole);
  assert.equal(tf.memory().numTensors, start);
  assert.equal(most, 3); // image, up, down
  assert.ok(all > 20, String(all));
  tf.dispose([...tensors.values()]);
});
