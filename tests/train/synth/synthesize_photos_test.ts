import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { synthesizePhotos } from "../../../src/train/synth/synthesize_photos.ts";
import { writePhotos } from "../../helpers/synth_inputs.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("synthesizePhotos blurs, in GoPro's layout, and keeps the photo's own pixels sharp except where an object is", async () => {
  await using work = await temporaryFolder();
  const folder = await writePhotos(work.path);
  const output = join(work.path, "out");
  await synthesizePhotos(folder, output, { pairs: 2 });
  for (const [i, pair] of (await listPairs(output)).entries()) {
    const [blurry, sharpPicture] = [await readPicture(pair.blurry), await readPicture(pair.sharp)];
    assert.deepEqual([sharpPicture.width, sharpPicture.height], [112, 96]);
    assert.notDeepEqual(blurry.data, sharpPicture.data);
    const photo = await readPicture(join(folder, i === 0 ? "a.png" : "b.png"));
    assert.ok(bestMatch(photo, sharpPicture) > 0.3, "share of rows' beginnings found in the photo");
  }
});

/** Largest share of the view's pixels that equal the photo's, over all whole shifts. */
function bestMatch(photo: Awaited<ReturnType<typeof readPicture>>, view: typeof photo): number {
  let best = 0;
  for (let top = 0; top <= photo.height - view.height; top++) {
    for (let left = 0; left <= photo.width - view.width; left++) {
      let same = 0;
      for (let y = 0; y < view.height; y += 3) {
        for (let x = 0; x < view.width; x += 3) {
          const [a, b] = [((top + y) * photo.width + left + x) * 3, (y * view.width + x) * 3];
          if (photo.data[a] === view.data[b] && photo.data[a + 1] === view.data[b + 1]) same++;
        }
      }
      best = Math.max(best, same);
    }
  }
  return best / (Math.ceil(view.width / 3) * Math.ceil(view.height / 3));
}

Deno.test("synthesizePhotos finds photos that are damaged or too small before it makes the first pair", async () => {
  await using work = await temporaryFolder();
  const folder = await writePhotos(work.path);
  const last = join(folder, "c.png");
  const whole = await readFile(join(folder, "a.png"));
  await writeFile(last, whole.subarray(0, whole.length / 2));
  const refused = (message: RegExp) =>
    assert.rejects(
      synthesizePhotos(folder, join(work.path, "out"), {
        pairs: 3,
        onPair: () => assert.fail("a pair was made"),
      }),
      { name: "MediaError", path: last, message },
    );
  await refused(/Cannot read this picture/);
  await sharp(whole).resize(100, 100).png().toFile(last);
  await refused(/The photo is 100x100\. Use photos of at least 112x112/);
  assert.deepEqual(await readdir(work.path), ["photos in"], "nothing is left behind");
  // As an object that moves over the others it is large enough.
  assert.equal((await synthesizePhotos(folder, join(work.path, "out"), { pairs: 2 })).pairs.length, 2);
});
