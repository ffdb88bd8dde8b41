import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { listPairs, readPair } from "../../../src/train/data/pair_files.ts";
import { encodePng, pictureSize, readPicture } from "../../../src/train/data/picture_file.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";

Deno.test("readPicture gives packed 8-bit RGB of PNG, lossless WebP, grey and transparent pictures", async () => {
  await using folder = await PairFolder.create();
  const colour = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => 10 * (i % 3)) };
  for (const name of ["a.png", "a.webp"]) {
    await folder.write(name, colour);
    assert.deepEqual(await readPicture(join(folder.path, name)), colour);
  }
  const clear = { width: 1, height: 1, channels: 4, background: { r: 9, g: 8, b: 7, alpha: 0.5 } } as const;
  await sharp({ create: clear }).png().toFile(join(folder.path, "clear.png"));
  assert.deepEqual([...(await readPicture(join(folder.path, "clear.png"))).data], [9, 8, 7]);
  await sharp(Uint8Array.of(77), { raw: { width: 1, height: 1, channels: 1 } }).toColourspace("b-w").png()
    .toFile(join(folder.path, "grey.png"));
  assert.deepEqual([...(await readPicture(join(folder.path, "grey.png"))).data], [77, 77, 77]);
});

Deno.test("readPicture turns a picture as its camera marked it, and listPairs counts its size likewise", async () => {
  await using folder = await PairFolder.create();
  for (const kind of ["blur", "sharp"]) await folder.write(`${kind}/1.png`, flat(9, 4, 2));
  const turned = sharp({ create: { width: 2, height: 4, channels: 3, background: "red" } });
  await turned.withMetadata({ orientation: 6 }).webp({ lossless: true }).toFile(
    join(folder.path, "sharp/2.webp"),
  );
  await folder.write("blur/2.png", flat(9, 4, 2));
  const pairs = await listPairs(folder.path);
  const { sharp: picture } = await readPair(pairs[1] ?? assert.fail("two pairs are there"));
  assert.deepEqual([picture.width, picture.height], [4, 2]);
});

Deno.test("encodePng: readPicture gives the picture back, and the same picture gives the same bytes", async () => {
  await using folder = await PairFolder.create();
  const picture = { width: 5, height: 3, data: Uint8Array.from({ length: 45 }, (_, i) => 5 * i) };
  const bytes = await encodePng(picture);
  assert.deepEqual(await encodePng(picture), bytes);
  await writeFile(join(folder.path, "a.png"), bytes);
  assert.deepEqual(await readPicture(join(folder.path, "a.png")), picture);
  assert.deepEqual(await pictureSize(join(folder.path, "a.png")), { width: 5, height: 3 });
});

Deno.test("readPicture and pictureSize name a file that is not a picture", async () => {
  await using folder = await PairFolder.create();
  await folder.writeText("a.png");
  const path = join(folder.path, "a.png");
  for (const read of [readPicture, pictureSize]) {
    await assert.rejects(read(path), { name: "MediaError", path, message: /Cannot read this picture: / });
  }
});
