import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { decodePicture, readPictureFile, sniffPicture } from "../../../src/stream/pictures/picture_file.ts";
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
  assert.deepEqual(await decodePicture(path, file, 100), samples);
});

Deno.test("readPictureFile: what cannot be restored is refused with its reason", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("a.tif");
  const cmyk = { create: { width: 4, height: 4, channels: 3, background: "red" } } as const;
  await sharp(cmyk).toColourspace("cmyk").tiff().toFile(path);
  await assert.rejects(readPictureFile(path, 100), /Its samples are cmyk uchar.*RGB or grey of 8 or 16 bits/);
  await assert.rejects(readPictureFile(path, 15), /a\.tif: /);
  await writeFile(path, "no picture");
  await assert.rejects(readPictureFile(path, 100), /This is not a picture/);
  await assert.rejects(readPictureFile(folder.file("none.png"), 100), /The file cannot be read/);
});
