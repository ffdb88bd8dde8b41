import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { decodePicture, readPictureFile } from "../../../src/stream/pictures/picture_file.ts";
import { cameraJpeg } from "../../helpers/camera_jpeg.ts";
import { makePicture } from "../../helpers/make_picture.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("readPictureFile, decodePicture: the layout and the samples as they are stored", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("a.png");
  const samples = Uint16Array.from({ length: 3 * 2 * 4 }, (_, i) => 1 + i * 2600);
  await sharp(samples, { raw: { width: 3, height: 2, channels: 4 } }).toColourspace("rgb16")
    .withExif({ IFD0: { Artist: "A. Painter" } }).png().toFile(path);
  const file = await readPictureFile(path, 100);
  const { width, height, channels, bits, orientation, isTagged } = file;
  assert.deepEqual([width, height, channels, bits, orientation, isTagged], [3, 2, 4, 16, 1, true]);
  assert.deepEqual(await decodePicture(path, file, 100), { samples, failOn: "warning" });
});

Deno.test("readPictureFile: what cannot be restored is refused with its reason", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("a.tif");
  await writeFile(path, tiff([258, 8], [330, 8]));
  await assert.rejects(readPictureFile(path, 100), /It is a camera's raw file, or holds several pictures/);
  await writeFile(path, tiff([258, 32], [339, 3]));
  await assert.rejects(readPictureFile(path, 100), /Its samples are b-w float.*RGB or grey of 8 or 16 bits/);
  await makePicture(path, { extension: "tif", bits: 8, channels: 3, tagged: false });
  await assert.rejects(readPictureFile(path, 15), /a\.tif: /);
  await writeFile(path, "no picture");
  await assert.rejects(readPictureFile(path, 100), /This is not a picture/);
  await assert.rejects(readPictureFile(folder.file("none.png"), 100), /The file cannot be read/);
});

Deno.test("readPictureFile: CMYK becomes RGB, which is said, and its EXIF stays", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("a.jpg");
  await writeFile(path, await cameraJpeg({ cmyk: true }));
  const file = await readPictureFile(path, 10 ** 6);
  assert.deepEqual([file.channels, file.bits, file.isTagged], [3, 8, true]);
  assert.deepEqual(file.changes, ["CMYK becomes RGB"]);
  const { samples } = await decodePicture(path, file, 10 ** 6);
  const shown = await sharp(path).toColourspace("srgb").raw().toBuffer();
  assert.deepEqual(new Uint8Array(samples), new Uint8Array(shown));
  assert.match(`${(await sharp(file.bytes).metadata()).exif}`, /A camera/);
});

/** A TIFF of one grey pixel: how many bits it has, and one more tag (330: where a picture within it lies; 339: 3 for floats). */
function tiff(...[bits, more]: readonly [readonly number[], readonly number[]]): Uint8Array {
  const file = new DataView(new ArrayBuffer(140));
  file.setUint32(0, 0x49492a00);
  file.setUint32(4, 8, true);
  // Width, height, bits, no compression, grey, where the pixel lies, how many rows and bytes there are.
  const tags = [[256, 1], [257, 1], bits, [259, 1], [262, 1], [273, 130], [278, 1], [279, 4], more];
  file.setUint16(8, tags.length, true);
  for (const [i, [tag = 0, value = 0]] of tags.entries()) {
    file.setUint16(10 + 12 * i, tag, true);
    file.setUint16(12 + 12 * i, 4, true);
    file.setUint32(14 + 12 * i, 1, true);
    file.setUint32(18 + 12 * i, value, true);
  }
  return new Uint8Array(file.buffer);
}
