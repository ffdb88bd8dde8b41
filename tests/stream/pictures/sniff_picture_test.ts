import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { sniffPicture } from "../../../src/stream/pictures/sniff_picture.ts";
import { makePicture } from "../../helpers/make_picture.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("sniffPicture: by the first bytes, whatever the name; animations and everything else are none", async () => {
  await using folder = await temporaryFolder();
  const formats = { png: "png", jpg: "jpeg", webp: "webp", tif: "tiff" } as const;
  for (const extension of ["png", "jpg", "webp", "tif"] as const) {
    await makePicture(folder.file(`a.${extension}`), { extension, bits: 8, channels: 3, tagged: false });
    await writeFile(folder.file("b.mp4"), await Deno.readFile(folder.file(`a.${extension}`)));
    assert.deepEqual(await sniffPicture(folder.file("b.mp4")), {
      kind: "written",
      format: formats[extension],
    });
  }
  const png = await Deno.readFile(folder.file("a.png"));
  const animation = new TextEncoder().encode("\0\0\0\x08acTL");
  await writeFile(folder.file("a.apng"), [png.subarray(0, 33), animation, png.subarray(33)]);
  assert.equal(await sniffPicture(folder.file("a.apng")), undefined);
  const webp = sharp(await Deno.readFile(folder.file("a.webp")));
  const { width, height } = await webp.metadata();
  const raw = { width, height: 2 * height, channels: 3, pageHeight: height } as const;
  const moving = new Uint8Array(width * height * 6).map((_, i) => i);
  await sharp(moving, { raw }).webp().toFile(folder.file("moving.webp"));
  assert.equal(await sniffPicture(folder.file("moving.webp")), undefined);
  for (const text of ["", "\x89PN", "RIFF1234WAVE", "GIF89a", "P8 1 1", "BM is a word", "ftypheic"]) {
    await writeFile(folder.file("none.png"), text);
    assert.equal(await sniffPicture(folder.file("none.png")), undefined, text);
  }
});

Deno.test("sniffPicture: pictures of the HEIF family, and formats that are only known by name", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("a");
  const familyOf = async (...brands: string[]) => {
    const box = `ftyp${brands[0]}\0\0\0\0${brands.join("")}`;
    await writeFile(
      path,
      Uint8Array.from(`\0\0\0${String.fromCharCode(4 + box.length)}${box}`, (c) => c.charCodeAt(0)),
    );
    return await sniffPicture(path);
  };
  assert.deepEqual(await familyOf("heic", "mif1"), { kind: "unread", name: "HEIC" });
  assert.deepEqual(await familyOf("mif1", "avif", "miaf"), { kind: "written", format: "avif" });
  assert.equal(await familyOf("avis", "avif"), undefined);
  assert.equal(await familyOf("isom", "mp42"), undefined);
  for (
    const [start, name] of [["8BPS", "Photoshop"], ["\xff\x0a", "JPEG XL"], ["II*\0\x10\0\0\0CR\x02", "CR2"]]
  ) {
    await writeFile(path, Uint8Array.from(`${start}\0\0\0\0`, (c) => c.charCodeAt(0)));
    const sniffed = await sniffPicture(path);
    assert.ok(sniffed?.kind === "unread" && sniffed.name.includes(name ?? "?"), start);
  }
});
