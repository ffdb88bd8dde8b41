import assert from "node:assert/strict";
import { SceneChange } from "../../../src/train/synth/scene_change.ts";

/** A picture of slanted stripes, `shift` pixels along. */
function stripes(shift: number, from = 0) {
  const [width, height] = [48, 32];
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / 3);
    data[i] = from + 50 + 40 * Math.sin((at % width + Math.floor(at / width) + shift) / 5);
  }
  return { data, width, height };
}

Deno.test("SceneChange tells duplicates and cuts from motion", () => {
  const watch = new SceneChange();
  const changes = [0, 1, 2, 2, 3, 4, 4, 4, 5].map((shift) => watch.next(stripes(shift)));
  const wanted = [
    "motion",
    "motion",
    "motion",
    "duplicate",
    "motion",
    "motion",
    "duplicate",
    "duplicate",
    "motion",
  ];
  assert.deepEqual(changes, wanted);
  assert.equal(watch.next(stripes(6, 120)), "cut");
  assert.equal(watch.next(stripes(7, 120)), "motion");
});

Deno.test("SceneChange does not take a camera that rests for duplicates, nor a fast pan for cuts", () => {
  const watch = new SceneChange();
  for (let i = 0; i < 10; i++) {
    const frame = stripes(0);
    frame.data[i * 300] = 255; // a little noise
    assert.equal(watch.next(frame), "motion");
  }
  const pan = new SceneChange();
  for (let i = 0; i < 10; i++) assert.equal(pan.next(stripes(i * 6)), "motion");
});

Deno.test("SceneChange takes a change of size for a cut", () => {
  const watch = new SceneChange();
  watch.next(stripes(0));
  assert.equal(watch.next({ data: new Uint8Array(12), width: 2, height: 2 }), "cut");
});
