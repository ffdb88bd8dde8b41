import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import {
  canMove,
  kindByName,
  kindInFolder,
  numberedPictures,
  pictureFormatOf,
  placeOf,
  writtenName,
} from "../src/media_name.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("kindByName: by the extension, whatever its case", () => {
  for (const name of ["a.mp4", "b.MOV", "/x/y.z/c.m2ts", "d.e.mkv", "C:\\clips\\e.y4m", "f.mxf"]) {
    assert.equal(kindByName(name), "video", name);
  }
  for (const name of ["a.png", "b.JPEG", "c.tif", "/d.mp4/e.webp"]) assert.equal(kindByName(name), "picture");
  for (const name of ["a.gif", "b.APNG"]) assert.equal(kindByName(name), "animation");
  for (const name of ["a.bmp", "b.HEIC", "c.pgm", "d.jp2"]) assert.equal(kindByName(name), "still");
  for (const name of ["mp4", ".mp4", "a.mp4.txt", "a.", "", "/a.mp4/b", "constructor", "a.constructor"]) {
    assert.equal(kindByName(name), undefined, name);
  }
});

Deno.test("pictureFormatOf: by the extension", () => {
  assert.deepEqual(["a.JPG", "a.tiff", "a.mp4", "a"].map(pictureFormatOf), [
    "jpeg",
    "tiff",
    undefined,
    undefined,
  ]);
});

Deno.test("writtenName: a PNG in place of a format that is only read", () => {
  const names = ["a.bmp", "x.y/b.c.JP2", "a.jpg", "a.mp4", "bmp"].map(writtenName);
  assert.deepEqual(names, ["a.png", "x.y/b.c.png", "a.jpg", "a.mp4", "bmp"]);
});

Deno.test("kindInFolder: TypeScript is no video, even if its first letter is that of a transport stream", async () => {
  await using folder = await temporaryFolder();
  const [code, stream] = [folder.file("code.ts"), folder.file("stream.MTS")];
  await writeFile(code, "Game.start();\n".repeat(30));
  const packet = new Uint8Array(188).fill(0xff).fill(0x47, 0, 1);
  await writeFile(stream, Uint8Array.from([...packet, ...packet]));
  assert.equal(await kindInFolder(code), undefined);
  assert.equal(await kindInFolder(stream), "video");
  assert.equal(await kindInFolder(folder.file("not-there.mp4")), "video");
});

Deno.test("canMove: names of videos and animated pictures, WebP too", () => {
  assert.deepEqual(["a.mp4", "a.gif", "a.APNG", "a.webp", "a.png", "a.jpg", "a"].map(canMove), [
    ...[true, true, true, true],
    ...[false, false, false],
  ]);
});

Deno.test("numberedPictures: one number in the name of a picture, as ffmpeg has it", () => {
  const named = (pattern: string, number: number) => numberedPictures(pattern)?.nameOf(number);
  assert.equal(named("f/%06d.png", 7), "000007.png");
  assert.equal(named("a/b/shot-%d.x.JPG", 12), "shot-12.x.JPG");
  assert.equal(named("%03d.webp", 1234), "1234.webp");
  for (
    const name of ["f/%06d.mp4", "%d/a.png", "a.png", "%d%d.png", "100%.png", "%s.png", "%-4d.png", "%6d.png"]
  ) {
    assert.equal(numberedPictures(name), undefined, name);
  }
  assert.deepEqual(["a/%d.png", "%d.png", "a/b.png", "a/%d.mp4"].map(placeOf), [
    "a",
    ".",
    "a/b.png",
    "a/%d.mp4",
  ]);
});
