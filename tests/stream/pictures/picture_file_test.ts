import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { decodePicture, readPictureFile, sniffPicture } from "../../../src/stream/pictures/picture_file.ts";
import { cameraJpeg } from "../../helpers/camera_jpeg.ts";
import { makePicture } from "../../helpers/make_picture.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("sniffPicture: by the first bytes, whatever the name; animations and everything else are none", async () => {
  await using folder = await temporaryFolder();
  const formats = { png: "png", jpg: "jpeg", webp: "webp", tif: "tiff" } as const;
  for (const extension of ["png", "jpg", "webp", "tif"] as const) {
    await makePicture(folder.file(`a.${extension}`), { extension, bits: 8, channels: 3, tagged: false });
    await writeFile(folder.file("b.mp4"), await Deno.readFile(folder.file(`a.${extension}`)));
    assert.equal(await sniffPicture(folder.file("b.mp4")), formats[extension]);
  }
  const png = await Deno.readFile(folder.file("a.png"));
  const animation = new TextEncoder().encode("\0\0\0\x08acTL");
  await writeFile(folder.file("a.apng"), [png.subarray(0, 33), animation, png.subarray(33)]);
  assert.equal(await sniffPicture(folder.file("a.apng")), undefined);
  for (const text of ["", "\x89PN", "RIFF1234WAVE", "ftypheic", "GIF89a"]) {
    await writeFile(folder.file("none.png"), text);
    assert.equal(await sniffPicture(folder.file("none.png")), undefined, text);
  }
});

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
  await writeFile(path, floatTiff());
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

/** A TIFF of one grey pixel, a float. */
function floatTiff(): Uint8Array {
  const file = new DataView(new ArrayBuffer(140));
  file.setUint32(0, 0x49492a00);
  file.setUint32(4, 8, true);
  // Width, height, bits, no compression, grey, where the pixel lies, how many rows and bytes there are, and that it is a float.
  const tags = [[256, 1], [257, 1], [258, 32], [259, 1], [262, 1], [273, 130], [278, 1], [279, 4], [339, 3]];
  file.setUint16(8, tags.length, true);
  for (const [i, [tag = 0, value = 0]] of tags.entries()) {
    file.setUint16(10 + 12 * i, tag, true);
    file.setUint16(12 + 12 * i, 4, true);
    file.setUint32(14 + 12 * i, 1, true);
    file.setUint32(18 + 12 * i, value, true);
  }
  return new Uint8Array(file.buffer);
}
