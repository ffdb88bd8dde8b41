import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";

const SMALL = flat(9, 8, 6);

Deno.test("listPairs reads GoPro's layout, sorted, with the blur asked for", async () => {
  await using folder = await PairFolder.create();
  for (const sequence of ["test/GOPR2", "test/GOPR1"]) {
    for (const kind of ["blur", "blur_gamma", "sharp"]) {
      await folder.write(`${sequence}/${kind}/000002.png`, SMALL);
      await folder.write(`${sequence}/${kind}/000001.png`, SMALL);
    }
  }
  await folder.writeText("test/GOPR1/frames.txt");
  const names = ["test/GOPR1/000001", "test/GOPR1/000002", "test/GOPR2/000001", "test/GOPR2/000002"];
  for (const blur of ["blur", "blur_gamma"] as const) {
    const pairs = await listPairs(folder.path, { blur });
    assert.deepEqual(pairs.map(({ name }) => name), names);
    assert.deepEqual(pairs[0], {
      name: "test/GOPR1/000001",
      blurry: join(folder.path, "test/GOPR1", blur, "000001.png"),
      sharp: join(folder.path, "test/GOPR1/sharp/000001.png"),
    });
  }
});

Deno.test("listPairs takes blur/ and sharp/ in the folder itself, WebP beside PNG, and skips other files", async () => {
  await using folder = await PairFolder.create();
  await folder.write("blur/a.webp", SMALL);
  await folder.write("sharp/a.png", SMALL);
  await folder.writeText("sharp/notes.txt");
  const pairs = await listPairs(folder.path);
  assert.deepEqual(pairs.map(({ name }) => name), ["a"]);
});

Deno.test("listPairs names a sharp picture without its blurry counterpart", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["blur/1.png", "sharp/1.png", "sharp/2.png"]) await folder.write(name, SMALL);
  await assert.rejects(listPairs(folder.path), {
    name: "MediaError",
    path: join(folder.path, "sharp/2.png"),
    message: /Its blurry counterpart "2" is missing in .*blur/,
  });
});

Deno.test("listPairs names a blurry picture without its sharp counterpart", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["blur/1.png", "blur/2.png", "sharp/1.png"]) await folder.write(name, SMALL);
  await assert.rejects(listPairs(folder.path), {
    name: "MediaError",
    path: join(folder.path, "blur/2.png"),
    message: /Its sharp counterpart "2" is missing in .*sharp/,
  });
});

Deno.test("listPairs names a picture that is neither PNG nor WebP instead of skipping it", async () => {
  await using folder = await PairFolder.create();
  for (const kind of ["blur", "sharp"]) await folder.write(`S/${kind}/1.png`, SMALL);
  for (const name of ["S/blur/.hidden.jpg", "S/sharp/notes.txt"]) await folder.writeText(name);
  assert.equal((await listPairs(folder.path)).length, 1);
  for (const name of ["S/blur/2.jpg", "S/sharp/2.JPEG", "S/sharp/2.tif", "S/blur/2.bmp", "S/blur/2.heic"]) {
    await folder.writeText(name);
    await assert.rejects(listPairs(folder.path), {
      name: "MediaError",
      path: join(folder.path, name),
      message: /This picture is neither PNG nor WebP\. Convert it/,
    });
    await rm(join(folder.path, name));
  }
});

Deno.test("listPairs names pictures whose sizes differ, and both sizes", async () => {
  await using folder = await PairFolder.create();
  await folder.write("blur/1.png", flat(9, 8, 6));
  await folder.write("sharp/1.png", flat(9, 8, 7));
  await assert.rejects(listPairs(folder.path), { name: "MediaError", message: /8 x 6.*8 x 7/ });
});

Deno.test("listPairs names a picture that cannot be read", async () => {
  await using folder = await PairFolder.create();
  await folder.write("blur/1.png", SMALL);
  await folder.writeText("sharp/1.png");
  await assert.rejects(listPairs(folder.path), {
    name: "MediaError",
    path: join(folder.path, "sharp/1.png"),
    message: /Cannot read this picture/,
  });
});

Deno.test("listPairs with decode names a picture that ends too early", async () => {
  await using folder = await PairFolder.create();
  for (const kind of ["blur", "sharp"]) await folder.write(`${kind}/1.png`, flat(9, 200, 100));
  const path = join(folder.path, "blur/1.png");
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length - 100));
  assert.equal((await listPairs(folder.path)).length, 1);
  await assert.rejects(listPairs(folder.path, { decode: true }), { name: "MediaError", path });
});

Deno.test("listPairs refuses one name in two formats", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["blur/1.png", "blur/1.webp", "sharp/1.png"]) await folder.write(name, SMALL);
  await assert.rejects(listPairs(folder.path), { name: "MediaError", message: /same name as 1\.png/ });
});

Deno.test("listPairs names the blurry folder that a sequence lacks, and folders without pairs", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["S/blur/1.png", "S/sharp/1.png"]) await folder.write(name, SMALL);
  await assert.rejects(listPairs(folder.path, { blur: "blur_gamma" }), {
    name: "MediaError",
    path: join(folder.path, "S/blur_gamma"),
  });
  await assert.rejects(listPairs(join(folder.path, "S/blur")), {
    name: "MediaError",
    message: /There are no pairs/,
  });
  await assert.rejects(listPairs(join(folder.path, "none")), {
    name: "MediaError",
    message: /There is no such folder/,
  });
});
