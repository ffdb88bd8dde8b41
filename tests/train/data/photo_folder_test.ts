import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { checkPhotos, listPhotos } from "../../../src/train/data/photo_folder.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";

Deno.test("listPhotos: the pictures of a folder in the order of their numbers; a folder without any is named", async () => {
  await using folder = await PairFolder.create();
  await mkdir(join(folder.path, "empty"));
  for (const name of ["p10.png", "p9.webp", "deep/p1.png"]) await folder.write(name, flat(9));
  await folder.writeText("notes.txt");
  assert.deepEqual(await listPhotos(folder.path), ["p9.webp", "p10.png"]);
  await assert.rejects(listPhotos(join(folder.path, "empty")), {
    name: "MediaError",
    message: /empty: There are no photos in this folder/,
  });
  await assert.rejects(listPhotos(join(folder.path, "none")), {
    name: "MediaError",
    message: /There is no such folder/,
  });
});

Deno.test("checkPhotos decodes each photo once, and names the first that cannot be used", async () => {
  await using folder = await PairFolder.create();
  for (const [name, value] of [["a.png", 1], ["b.png", 2]] as const) await folder.write(name, flat(value));
  const [a, b, c] = ["a.png", "b.png", "c.png"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const seen: string[] = [];
  await checkPhotos([a, b, a], { refuse: ({ data }, path) => void seen.push(`${path} ${data[0]}`) });
  assert.deepEqual(seen, [`${a} 1`, `${b} 2`]);
  const refuse = () => {
    throw new TypeError("too dark");
  };
  await assert.rejects(checkPhotos([a, b], { refuse }), { message: "too dark" });
  await folder.writeText("c.png");
  await assert.rejects(checkPhotos([a, c]), { name: "MediaError", path: c });
  await assert.rejects(checkPhotos([c], { signal: AbortSignal.abort(new Error("enough")) }), {
    message: "enough",
  });
});
