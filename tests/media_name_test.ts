import assert from "node:assert/strict";
import { isAmbiguousName, kindByName, pictureFormatOf } from "../src/media_name.ts";

Deno.test("kindByName: by the extension, whatever its case", () => {
  for (const name of ["a.mp4", "b.MOV", "/x/y.z/c.m2ts", "d.e.mkv", "C:\\clips\\e.y4m", "f.mxf"]) {
    assert.equal(kindByName(name), "video", name);
  }
  for (const name of ["a.png", "b.JPEG", "c.tif", "/d.mp4/e.webp"]) assert.equal(kindByName(name), "picture");
  for (const name of ["a.gif", "b.HEIC"]) assert.equal(kindByName(name), "viewed");
  for (const name of ["mp4", ".mp4", "a.mp4.txt", "a.", "", "/a.mp4/b", "constructor", "a.constructor"]) {
    assert.equal(kindByName(name), undefined, name);
  }
});

Deno.test("pictureFormatOf, isAmbiguousName", () => {
  assert.deepEqual(["a.JPG", "a.tiff", "a.mp4", "a"].map(pictureFormatOf), [
    "jpeg",
    "tiff",
    undefined,
    undefined,
  ]);
  assert.deepEqual(["a.ts", "a.MTS", "a.m2ts", "ts"].map(isAmbiguousName), [true, true, false, false]);
});
