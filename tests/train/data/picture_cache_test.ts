import assert from "node:assert/strict";
import { PictureCache } from "../../../src/train/data/picture_cache.ts";
import { flat } from "../../helpers/pair_folder.ts";

/** A cache of `most` pictures of 4 × 4, and the paths it has read. */
function cacheOf(most: number) {
  const read: string[] = [];
  const cache = new PictureCache(most * 48, (path) => {
    read.push(path);
    return Promise.resolve(flat(path.charCodeAt(0), 4, 4));
  });
  return { cache, read };
}

Deno.test("PictureCache reads a picture once while there is room", async () => {
  const { cache, read } = cacheOf(3);
  for (const path of ["a", "b", "c", "a", "c", "b"]) {
    assert.equal((await cache.get(path)).data[0], path.charCodeAt(0));
  }
  assert.deepEqual(read, ["a", "b", "c"]);
});

Deno.test("PictureCache drops the least recently used picture", async () => {
  const { cache, read } = cacheOf(2);
  for (const path of ["a", "b", "a", "c", "a", "b"]) await cache.get(path);
  assert.deepEqual(read, ["a", "b", "c", "b"]);
});

Deno.test("PictureCache gives a picture larger than its memory", async () => {
  const { cache, read } = cacheOf(0.5);
  await cache.get("a");
  await cache.get("a");
  await cache.get("b");
  assert.deepEqual(read, ["a", "b"]); // the last one stays
});

Deno.test("PictureCache counts a picture once that two calls read at the same time", async () => {
  const { cache, read } = cacheOf(2);
  await Promise.all([cache.get("a"), cache.get("a")]);
  await cache.get("b");
  await cache.get("a");
  await cache.get("b");
  assert.deepEqual(read, ["a", "a", "b"]);
});

Deno.test("PictureCache does not keep a failure", async () => {
  let calls = 0;
  const cache = new PictureCache(
    1e6,
    () => calls++ === 0 ? Promise.reject(new Error("busy")) : Promise.resolve(flat(1)),
  );
  await assert.rejects(cache.get("a"), /busy/);
  assert.equal((await cache.get("a")).data[0], 1);
});
