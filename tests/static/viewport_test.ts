import fc from "fast-check";
import assert from "node:assert/strict";
import { Viewport } from "../../static/viewport.js";

function viewport(pane = { width: 400, height: 300 }, picture = { width: 1600, height: 900 }): Viewport {
  const made = new Viewport();
  made.setPane(pane);
  made.setPicture(picture);
  return made;
}

Deno.test("Viewport fits the whole picture into the pane's middle, and then asks for all of it", () => {
  const view = viewport();
  assert.deepEqual(view.frame(), { left: 0, top: 37.5, width: 400, height: 225 });
  assert.equal(view.region(), null);
});

Deno.test("Viewport at 1:1 asks for the part in view only", () => {
  const view = viewport();
  view.zoomTo(1);
  assert.deepEqual(view.region(), { x: 600, y: 300, width: 400, height: 300 });
  view.panBy(-100, 50);
  assert.deepEqual(view.region(), { x: 700, y: 250, width: 400, height: 300 });
});

Deno.test("Viewport shows a small picture at 1:1 in the middle", () => {
  const view = viewport({ width: 400, height: 300 }, { width: 100, height: 50 });
  assert.equal(view.scale, 4);
  view.zoomTo(1);
  assert.deepEqual([view.scale, view.isFitted, view.frame().left], [1, false, 150]);
});

Deno.test("Viewport keeps the point under the mouse where it is while zooming, unless an edge is in the way", () => {
  const view = viewport();
  view.zoomTo(1);
  const at = { x: 130, y: 70 };
  const before = view.toPicture(at);
  view.zoomTo(2, at);
  assert.deepEqual(view.toPicture(at), before);
});

Deno.test("Viewport never shows more than the picture, however it is moved", () => {
  const move = fc.oneof(
    fc.record({ scale: fc.double({ min: 0.01, max: 50, noNaN: true }) }),
    fc.record({ dx: fc.integer({ min: -5000, max: 5000 }), dy: fc.integer({ min: -5000, max: 5000 }) }),
    fc.record({ width: fc.integer({ min: 1, max: 3000 }), height: fc.integer({ min: 1, max: 3000 }) }),
  );
  fc.assert(fc.property(fc.array(move), (moves) => {
    const view = viewport();
    for (const move of moves) {
      if ("scale" in move) view.zoomTo(move.scale);
      else if ("dx" in move) view.panBy(move.dx, move.dy);
      else view.setPane(move);
    }
    const region = view.region();
    if (region === null) return;
    assert.ok(region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0);
    assert.ok(region.x + region.width <= 1600 && region.y + region.height <= 900);
  }));
});
