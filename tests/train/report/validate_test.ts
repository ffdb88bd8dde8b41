import assert from "node:assert/strict";
import type * as tfjs from "@tensorflow/tfjs-core";
import { cropPicture } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import { type NetworkConfig, PRESETS } from "../../../src/model/network/config.ts";
import type { TensorFlow } from "../../../src/model/tfjs/tfjs_ops.ts";
import { listPairs, type PairFiles } from "../../../src/train/data/pair_files.ts";
import { psnr } from "../../../src/train/evaluate/metrics.ts";
import { cutToMultiple, networkInput } from "../../../src/train/report/network_input.ts";
import { restoreScale, validate } from "../../../src/train/report/validate.ts";
import { growWeights } from "../../../src/train/run/grow_weights.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { noiseScene } from "../../helpers/noise_scene.ts";
import { PairFolder } from "../../helpers/pair_folder.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

const video: NetworkConfig = PRESETS["smoke-video"];
const FRAMES = ["0007", "0008", "0009"];
const SCENE = noiseScene(120, 80);

/** A frame of a camera that pans; the blurry one is the mean of three places. */
function frame(number: number, kind: "blur" | "sharp"): Picture {
  const views = [-2, 0, 2].map((offset) =>
    cropPicture(SCENE, { x: 20 + 5 * number + offset, y: 20, width: 52, height: 37 })
  );
  if (kind === "sharp") return views[1] ?? assert.fail("there is a middle");
  const data = new Uint8Array(3 * 52 * 37).map((_, i) =>
    views.reduce((sum, view) => sum + (view.data[i] ?? 0), 0) / 3
  );
  return { data, width: 52, height: 37 };
}

/** Three pairs that follow each other. */
async function sequence(): Promise<PairFolder> {
  const folder = await PairFolder.create();
  for (const [i, name] of FRAMES.entries()) {
    for (const kind of ["blur", "sharp"] as const) {
      await folder.write(`scene/${kind}/${name}.png`, frame(i, kind));
    }
  }
  return folder;
}

function tensorsOf(
  tf: TensorFlow,
  values: Iterable<readonly [string, { data: Float32Array; shape: readonly number[] }]>,
) {
  return new Map([...values].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]));
}

/** PSNR of a picture restored with its neighbours, by the library's other way of measuring. */
async function measured(
  tf: TensorFlow,
  weights: ReadonlyMap<string, tfjs.Tensor>,
  kind: "blur" | "sharp",
  numbers: readonly (number | undefined)[],
): Promise<number> {
  const [previous, here, next] = numbers.map((number) =>
    number === undefined ? undefined : cutToMultiple(frame(number, kind), video)
  );
  if (here === undefined) assert.fail("there is a picture");
  const input = networkInput(tf, video, here, [previous, next]);
  const { image, up, down, blurry } = restoreScale(tf, video, weights, input);
  const data = Uint8Array.from(
    await image.data(),
    (value) => Math.max(0, Math.min(255, Math.round(255 * value))),
  );
  tf.dispose([image, up, ...(down ? [down] : []), blurry, input.blurry]);
  tf.dispose(input.neighbours.flatMap(({ moved, flow }) => [moved, flow]));
  const sharp = cutToMultiple(frame(numbers[1] ?? NaN, "sharp"), video);
  return psnr({ data, width: here.width, height: here.height }, sharp);
}

Deno.test("validate of a network of three frames restores each picture with those beside it, and sharp ones with sharp ones", async () => {
  await using folder = await sequence();
  const tf = await loadTensorFlow("javascript");
  const weights = tensorsOf(tf, randomWeights(video).tensors);
  const before = tf.memory().numTensors;
  const results = await validate(tf, video, weights, await listPairs(folder.path));
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(results.map(({ name }) => name), FRAMES.map((name) => `scene/${name}`));
  for (const [i, { psnr: found, psnrOfSharp, psnrBlurry }] of results.entries()) {
    const numbers = [i - 1, i, i + 1].map((number) => number >= 0 && number < 3 ? number : undefined);
    const expected = [
      await measured(tf, weights, "blur", numbers),
      await measured(tf, weights, "sharp", numbers),
    ];
    assert.ok(Math.abs(found - (expected[0] ?? NaN)) < 1e-3, `${found}, not ${expected[0]}`);
    assert.ok(Math.abs(psnrOfSharp - (expected[1] ?? NaN)) < 1e-3, `${psnrOfSharp}, not ${expected[1]}`);
    const [blurry, sharp] = [frame(i, "blur"), frame(i, "sharp")].map((picture) =>
      cutToMultiple(picture, video)
    );
    if (blurry === undefined || sharp === undefined) assert.fail("both are there");
    assert.ok(Math.abs(psnrBlurry - psnr(blurry, sharp)) < 1e-3);
  }
  tf.dispose([...weights.values()]);
});

Deno.test("validate: what is beside a picture changes its result, and only where the network looks at it", async () => {
  await using folder = await sequence();
  const tf = await loadTensorFlow("javascript");
  const pairs = await listPairs(folder.path);
  const middle = (pairs: readonly PairFiles[]) => pairs.filter(({ name }) => name.endsWith("8"));
  const gainOf = async (
    network: NetworkConfig,
    weights: ReadonlyMap<string, tfjs.Tensor>,
    pairs: readonly PairFiles[],
  ) => (await validate(tf, network, weights, pairs)).find(({ name }) => name.endsWith("8"))?.psnr;
  const seeing = tensorsOf(tf, randomWeights(video).tensors);
  assert.notEqual(await gainOf(video, seeing, middle(pairs)), await gainOf(video, seeing, pairs));

  // A network that has just grown from one of one frame does what that one did.
  const small = randomWeights(PRESETS.smoke);
  const grown = growWeights(small.tensors, PRESETS.smoke, video, new Map()) ?? assert.fail("it grows");
  const shapes = randomWeights(video).tensors;
  const blind = tensorsOf(
    tf,
    [...grown].map(([name, data]) => [name, { data, shape: shapes.get(name)?.shape ?? [] }]),
  );
  const alone = tensorsOf(tf, small.tensors);
  assert.equal(await gainOf(video, blind, pairs), await gainOf(video, blind, middle(pairs)));
  assert.equal(await gainOf(video, blind, pairs), await gainOf(PRESETS.smoke, alone, pairs));
  tf.dispose([...seeing.values(), ...blind.values(), ...alone.values()]);
});

Deno.test("validate stops between two pairs with the reason of its signal", async () => {
  await using folder = await sequence();
  const tf = await loadTensorFlow("javascript");
  const weights = tensorsOf(tf, randomWeights(video).tensors);
  const reason = new Error("enough");
  await assert.rejects(
    validate(tf, video, weights, await listPairs(folder.path), AbortSignal.abort(reason)),
    reason,
  );
  tf.dispose([...weights.values()]);
});
