import assert from "node:assert/strict";
import { muonDirection } from "../../src/train/muon.ts";
import { loadTensorFlow } from "../../src/train/tensorflow.ts";
import { createRandom, normal } from "../../src/train/random.ts";

/** Singular values by Jacobi rotations of the columns (Hestenes, 1958). */
function singularValues(columns: number[][]): number[] {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < columns.length; p++) {
      for (let q = p + 1; q < columns.length; q++) {
        const [a, b] = [columns[p] ?? [], columns[q] ?? []];
        const angle = 0.5 * Math.atan2(2 * dot(a, b), dot(a, a) - dot(b, b));
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        columns[p] = a.map((value, i) => c * value + s * (b[i] ?? 0));
        columns[q] = a.map((value, i) => c * (b[i] ?? 0) - s * value);
      }
    }
  }
  return columns.map((column) => Math.sqrt(dot(column, column)));
}

for (const shape of [[3, 3, 8, 6], [3, 3, 6, 8], [1, 1, 4, 12]] as const) {
  Deno.test(`muonDirection of a ${shape.join(" x ")} kernel has singular values near one another`, async () => {
    const tf = await loadTensorFlow("javascript");
    const random = createRandom(3, "muon");
    const [k, , inner, outer] = shape;
    const [rows, columns] = [k * k * inner, outer];
    // Columns of very unlike size: what Muon is there to level.
    const data = Array.from({ length: rows * columns }, (_, i) => 3 ** -(i % 4) * normal(random));
    const gradient = tf.tensor(data, [...shape]);
    const { m, update } = muonDirection(tf, gradient, undefined);
    assert.deepEqual(update.shape, shape);
    assert.deepEqual([...m.dataSync()], [...gradient.dataSync()]);
    const size = 0.2 * Math.sqrt(Math.max(rows, columns));
    const values = update.dataSync();
    const matrix = Array.from(
      { length: columns },
      (_, c) => Array.from({ length: rows }, (_, r) => (values[r * columns + c] ?? NaN) / size),
    );
    const found = singularValues(matrix).sort((a, b) => b - a).slice(0, Math.min(rows, columns));
    assert.ok(found.every((value) => value > 0.6 && value < 1.3), `${found}`);
    tf.disposeVariables();
    tf.dispose([gradient, m, update]);
  });
}

Deno.test("muonDirection carries momentum of 0.95, and looks one step ahead (Nesterov)", async () => {
  const tf = await loadTensorFlow("javascript");
  const [gradient, momentum] = [tf.tensor2d([[1, 0], [0, 1]]), tf.tensor2d([[0, 2], [2, 0]])];
  const { m, update } = muonDirection(tf, gradient, momentum);
  const near = (actual: ArrayLike<number>, expected: readonly number[]) =>
    expected.forEach((value, i) =>
      assert.ok(Math.abs((actual[i] ?? NaN) - value) < 1e-5, `${[...Array.from(actual)]}`)
    );
  near(m.dataSync(), [1, 1.9, 1.9, 1]);
  const same = muonDirection(
    tf,
    tf.tensor2d([[1.95, 1.805], [1.805, 1.95]].map((row) => row.map((v) => v / 1.95))),
    undefined,
  );
  near(update.dataSync(), [...same.update.dataSync()]); // only the direction of g + 0.95 m counts
});
