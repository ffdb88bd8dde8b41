import assert from "node:assert/strict";
import sharp from "sharp";
import { trainingCurve } from "../../../src/train/report/training_curve.ts";

function steps(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    step: i + 1,
    seconds: i,
    loss: 1 - i / (2 * count),
    lossOfNothing: 1,
    rate: 1e-3,
  }));
}

/** Points of the curves, as they lie in the picture. */
function curves(svg: string): [number, number][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points = ""]) =>
    points.split(" ").map((point) => point.split(",").map(Number) as [number, number])
  );
}

Deno.test("trainingCurve draws at most a few hundred points of the loss, falling as it falls", async () => {
  const svg = trainingCurve(steps(5000));
  const [loss = [], ...others] = curves(svg);
  assert.equal(others.length, 0);
  assert.ok(loss.length > 100 && loss.length <= 200);
  assert.ok(
    loss.every(([x, y], i) => i === 0 || (x > (loss[i - 1]?.[0] ?? 0) && y > (loss[i - 1]?.[1] ?? 0))),
  );
  const { width, height } = await sharp(new TextEncoder().encode(svg)).metadata();
  assert.deepEqual([width, height], [720, 270]);
});

Deno.test("trainingCurve draws gain over validation below", () => {
  const lines = steps(10).flatMap((line) => [
    line,
    ...(line.step % 5 === 0
      ? [{ step: line.step, seconds: 0, validation: { gain: line.step / 10, sharp: 40, pictures: {} } }]
      : []),
  ]);
  const [, gain = []] = curves(trainingCurve(lines));
  assert.equal(gain.length, 2);
  assert.ok((gain[1]?.[1] ?? 0) < (gain[0]?.[1] ?? 0)); // up is better
});

Deno.test("trainingCurve is a picture before the first step, too", async () => {
  await sharp(new TextEncoder().encode(trainingCurve([]))).metadata();
  assert.doesNotMatch(trainingCurve([]), /NaN|Infinity/);
  assert.doesNotMatch(trainingCurve(steps(1)), /NaN|Infinity/);
});
