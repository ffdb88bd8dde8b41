import assert from "node:assert/strict";
import { drawCurves } from "../../../src/train/report/draw_curves.ts";

Deno.test("drawCurves draws every curve in a box of its own, to the same end", () => {
  const curves = [
    { title: "first", points: [{ x: 1, y: 0 }, { x: 2, y: 5 }], level: 0 },
    { title: "second", points: [{ x: 4, y: 3 }], level: 1 },
  ];
  const svg = drawCurves(curves, { last: 4, label: "4 hours" });
  const points = [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) => points);
  assert.deepEqual(points, ["220.0,200.0 380.0,30.0", "700.0,270.0"]);
  assert.deepEqual([...svg.matchAll(/>(first|second|4 hours)</g)].map(([, text]) => text), [
    "first",
    "4 hours",
    "second",
    "4 hours",
  ]);
});
