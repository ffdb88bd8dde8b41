import assert from "node:assert/strict";
import { freePicture } from "../src/frame.ts";

Deno.test("freePicture: frees a buffer of the picture's own, once, and leaves one that it shares", () => {
  const own = { data: new Uint8Array(12), width: 2, height: 2 };
  freePicture(own);
  assert.equal(own.data.length, 0);
  const buffer = new ArrayBuffer(24);
  const halves = [0, 12].map((offset) => ({ data: new Uint8Array(buffer, offset, 12), width: 2, height: 2 }));
  for (const picture of halves) freePicture(picture);
  assert.deepEqual(halves.map(({ data }) => data.length), [12, 12]);
  const deep = { data: new Uint16Array(12), width: 2, height: 2 };
  freePicture(deep);
  freePicture(deep);
  assert.equal(deep.data.length, 0);
});
