import assert from "node:assert/strict";
import { cropPicture } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import { type NetworkConfig, PRESETS } from "../../../src/model/network/config.ts";
import type { TensorFlow } from "../../../src/model/tfjs/tfjs_ops.ts";
import { cutMiddle, cutToMultiple, networkInput } from "../../../src/train/report/network_input.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { meanDifference, noiseScene } from "../../helpers/noise_scene.ts";

const [WIDTH, HEIGHT] = [96, 64];
const SCENE = noiseScene(WIDTH + 40, HEIGHT + 40);
const video: NetworkConfig = PRESETS["smoke-video"];

function view(x: number, y: number): Picture {
  return cropPicture(SCENE, { x: 20 + x, y: 20 + y, width: WIDTH, height: HEIGHT });
}

/** What the network is given, as values; no tensors are left behind. */
async function input(
  tf: TensorFlow,
  picture: Picture,
  beside: Parameters<typeof networkInput>[3],
  network = video,
) {
  const before = tf.memory().numTensors;
  const { blurry, neighbours } = networkInput(tf, network, picture, beside);
  const read = async (tensor: typeof blurry) => ({ shape: tensor.shape, data: await tensor.data() });
  const values = {
    blurry: await read(blurry),
    neighbours: await Promise.all(
      neighbours.map(async ({ moved, flow }) => ({ moved: await read(moved), flow: await read(flow) })),
    ),
  };
  tf.dispose([blurry, ...neighbours.flatMap(({ moved, flow }) => [moved, flow])]);
  assert.equal(tf.memory().numTensors, before);
  return values;
}

Deno.test("networkInput gives values 0 … 1, and the neighbours aligned to the picture with their flow", async () => {
  const tf = await loadTensorFlow("javascript");
  const { blurry, neighbours } = await input(tf, view(0, 0), [view(-5, 2), view(5, -2)]);
  assert.deepEqual(blurry.shape, [1, HEIGHT, WIDTH, 3]);
  assert.deepEqual(
    Float32Array.from(blurry.data),
    Float32Array.from(view(0, 0).data, (value) => value / 255),
  );
  assert.equal(neighbours.length, 2);
  for (const [i, { moved, flow }] of neighbours.entries()) {
    assert.deepEqual([moved.shape, flow.shape], [[1, HEIGHT, WIDTH, 3], [1, HEIGHT / 16, WIDTH / 16, 2]]);
    const bytes = Array.from(moved.data, (value) => 255 * value);
    assert.ok(meanDifference(bytes, view(0, 0).data) < 5);
    // In the middle, where nothing comes in from outside.
    const [x = NaN, y = NaN] = flow.data.slice(2 * (6 + 3), 2 * (6 + 4));
    const way = i === 0 ? 1 : -1;
    assert.ok(Math.hypot(x - 5 * way, y + 2 * way) < 1.5, `${x}, ${y}`);
  }
});

Deno.test("networkInput makes a missing neighbour, and one of another size, the picture itself without motion", async () => {
  const tf = await loadTensorFlow("javascript");
  const small = cropPicture(SCENE, { x: 0, y: 0, width: 32, height: 32 });
  const { blurry, neighbours } = await input(tf, view(0, 0), [undefined, small]);
  for (const { moved, flow } of neighbours) {
    assert.deepEqual(moved, blurry);
    assert.deepEqual(flow, { shape: [1, HEIGHT / 16, WIDTH / 16, 2], data: new Float32Array(48) });
  }
});

Deno.test("networkInput has no neighbours for a network of one frame", async () => {
  const tf = await loadTensorFlow("javascript");
  const { neighbours } = await input(tf, view(0, 0), [view(1, 1), view(2, 2)], PRESETS.smoke);
  assert.deepEqual(neighbours, []);
});

Deno.test("cutToMultiple and cutMiddle take the middle", () => {
  const data = Uint8Array.from({ length: 3 * 37 * 20 }, (_, i) => Math.floor(i / 3) % 37);
  const picture = { data, width: 37, height: 20 };
  const cut = cutToMultiple(picture, video);
  assert.deepEqual([cut.width, cut.height, cut.data[0]], [32, 16, 2]);
  assert.deepEqual(cut, cutMiddle(picture, { width: 32, height: 16 }));
});
