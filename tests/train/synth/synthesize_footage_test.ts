import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "../../../src/frame.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { averageFrames } from "../../../src/train/synth/average_frames.ts";
import { readManifest } from "../../../src/train/synth/synth_manifest.ts";
import { synthesizeFootage } from "../../../src/train/synth/synthesize_footage.ts";
import { synthesizePhotos } from "../../../src/train/synth/synthesize_photos.ts";
import { writePan, writePhotos } from "../../helpers/synth_inputs.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

async function decode(path: string): Promise<Frame[]> {
  await using video = await openVideo(path);
  return await Array.fromAsync(video.frames);
}

async function treeHash(folder: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hashes.set(path.slice(folder.length), createHash("sha256").update(await readFile(path)).digest("hex"));
  }
  return hashes;
}

Deno.test("synthesizeFootage in gopro mode is the published recipe in GoPro's layout", async () => {
  await using work = await temporaryFolder();
  const footage = await writePan(join(work.path, "street pan.y4m"));
  const output = join(work.path, "out");
  const manifest = await synthesizeFootage([footage], output, { frames: { least: 9, most: 9 } });
  const decoded = await decode(footage);
  assert.deepEqual(await readManifest(output), manifest);
  assert.deepEqual(
    manifest.pairs.map(({ name }) => name),
    [1, 2, 3, 4].map((i) => `street-pan_09_00/00000${i}`),
  );
  for (const blur of ["blur", "blur_gamma"] as const) {
    for (const [i, pair] of (await listPairs(output, { blur })).entries()) {
      const frames = decoded.slice(9 * i, 9 * i + 9);
      const { width, height, data } = frames[4] as Frame;
      assert.deepEqual(await readPicture(pair.sharp), { data, width, height });
      assert.deepEqual(
        await readPicture(pair.blurry),
        averageFrames(frames, blur === "blur" ? "none" : "2.2"),
      );
    }
  }
});

Deno.test("synthesizeFootage in gopro mode draws 7, 9, 11 or 13 frames, the same number for a whole file", async () => {
  await using work = await temporaryFolder();
  const numbers = new Set<number>();
  for (let seed = 0; seed < 12; seed++) {
    const footage = await writePan(join(work.path, "a.y4m"), 240, 26);
    const { pairs } = await synthesizeFootage([footage], join(work.path, `${seed}`), { seed });
    assert.equal(new Set(pairs.map(({ recipe }) => recipe.frames)).size, 1);
    numbers.add(pairs[0]?.recipe.frames ?? 0);
  }
  assert.deepEqual([...numbers].sort((a, b) => a - b), [7, 9, 11, 13]);
});

Deno.test("synthesize gives the same folder for the same seed and another for another", async () => {
  await using work = await temporaryFolder();
  const footage = await writePan(join(work.path, "a.y4m"));
  const folder = await writePhotos(work.path);
  const trees = new Map<string, Map<string, string>>();
  for (const [name, seed] of [["one", 1], ["again", 1], ["other", 2]] as const) {
    await synthesizeFootage([footage], join(work.path, `${name}-f`), { mode: "realistic", seed });
    await synthesizePhotos(folder, join(work.path, `${name}-p`), { pairs: 2, seed });
    for (const kind of ["f", "p"]) {
      trees.set(`${name}-${kind}`, await treeHash(join(work.path, `${name}-${kind}`)));
    }
  }
  for (const kind of ["f", "p"]) {
    assert.deepEqual(trees.get(`one-${kind}`), trees.get(`again-${kind}`));
    assert.notDeepEqual(trees.get(`one-${kind}`), trees.get(`other-${kind}`));
  }
});

Deno.test("synthesizeFootage refuses slow footage unless forced, and footage too short for a pair", async () => {
  await using work = await temporaryFolder();
  const slow = await writePan(join(work.path, "slow.y4m"), 30);
  const output = join(work.path, "out");
  await assert.rejects(
    synthesizeFootage([slow], output),
    /slow\.y4m: It has only 30 frames per second.*--force/,
  );
  const short = await writePan(join(work.path, "short.y4m"), 240, 5);
  await assert.rejects(synthesizeFootage([short], output), /short\.y4m: Its 5 frames are too few/);
  assert.deepEqual((await readdir(work.path)).sort(), ["short.y4m", "slow.y4m"], "nothing is left behind");
  assert.ok((await synthesizeFootage([slow], output, { force: true })).pairs.length > 0);
});

Deno.test("synthesize stops with the signal's reason and leaves nothing behind", async () => {
  await using work = await temporaryFolder();
  const footage = await writePan(join(work.path, "a.y4m"));
  const folder = await writePhotos(work.path);
  const reason = new Error("Enough");
  for (
    const work_ of [
      (options: { signal: AbortSignal; onPair: () => void }) =>
        synthesizeFootage([footage], join(work.path, "out"), options),
      (options: { signal: AbortSignal; onPair: () => void }) =>
        synthesizePhotos(folder, join(work.path, "out"), options),
    ]
  ) {
    const stop = new AbortController();
    await assert.rejects(work_({ signal: stop.signal, onPair: () => stop.abort(reason) }), reason);
    assert.deepEqual((await readdir(work.path)).sort(), ["a.y4m", "photos in"]);
  }
});
