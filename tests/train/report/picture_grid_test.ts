import assert from "node:assert/strict";
import { join } from "node:path";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { pictureGrid } from "../../../src/train/report/picture_grid.ts";
import { initialWeights } from "../../../src/train/run/initial_weights.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";
import { TINY } from "../../helpers/tiny_training.ts";

Deno.test("pictureGrid: a row per pair, up to three spread over the list, each cropped to the smallest size", async () => {
  await using folder = await PairFolder.create();
  for (let i = 0; i < 6; i++) {
    const size = [i === 4 ? 50 : 300, 64] as const;
    await folder.write(`blur/${i}.png`, flat(20 * i, ...size));
    await folder.write(`sharp/${i}.png`, flat(20 * i + 10, ...size));
  }
  const tf = await loadTensorFlow("javascript");
  const { tensors } = describeNetwork(TINY.network);
  const values = initialWeights(tensors, TINY, 1); // of a network that returns its input
  const weights = new Map(tensors.map(({ name, shape }) => [
    name,
    tf.tensor(values.get(name) ?? assert.fail(name), [...shape]),
  ]));
  const before = tf.memory().numTensors;
  const { data, width, height } = await pictureGrid(tf, TINY.network, weights, await listPairs(folder.path));
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual([width, height], [5 * 48, 3 * 64]);
  const at = (column: number, row: number) => data[3 * ((64 * row + 32) * width + 48 * column + 24)];
  for (const [row, pair] of [0, 2, 4].entries()) {
    const columns = [0, 1, 2, 3, 4].map((column) => at(column, row));
    assert.deepEqual(
      columns,
      [20 * pair, 128, 20 * pair, 20 * pair, 20 * pair + 10],
      join("pair", `${pair}`),
    );
  }
  tf.dispose([...weights.values()]);
});
