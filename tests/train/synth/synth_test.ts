import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { MediaError } from "../../../src/errors.ts";
import type { Frame } from "../../../src/frame.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { averageFrames } from "../../../src/train/synth/average_frames.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { encodePng, readPicture } from "../../../src/train/data/picture_file.ts";
import { createRandom } from "../../../src/train/random.ts";
import { rebuildPair } from "../../../src/train/synth/rebuild_pairs.ts";
import { synthesizeFootage, synthesizePhotos } from "../../../src/train/synth/synth.ts";
import { readManifest } from "../../../src/train/synth/synth_manifest.ts";
import { writeY4m } from "../../helpers/y4m.ts";

async function workFolder() {
  const path = await mkdtemp(join(tmpdir(), "synth-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** 40 frames of a pan over stripes and dots. */
async function pan(path: string, rate = 240, frames = 40): Promise<string> {
  await writeY4m(path, {
    width: 48,
    height: 32,
    rate,
    frames,
    luma: (x, y, frame) =>
      120 + 60 * Math.sin((x + 1.3 * frame) / 3) + ((x + frame) % 16 === 0 && y % 9 < 2 ? 50 : 0),
  });
  return path;
}

async function photos(folder: string): Promise<string> {
  const path = join(folder, "photos in");
  await mkdir(path);
  for (const name of ["a.png", "b.png"]) {
    const random = createRandom(name);
    const cells = Uint8Array.from({ length: 16 * 16 * 3 }, () => random() * 256);
    await sharp(cells, { raw: { width: 16, height: 16, channels: 3 } }).resize(160, 144).png().toFile(
      join(path, name),
    );
  }
  await writeFile(join(path, "notes.txt"), "not a photo");
  return path;
}

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
  await using work = await workFolder();
  const footage = await pan(join(work.path, "street pan.y4m"));
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

Deno.test("synthesizeFootage in gopro mode draws 7, 9, 11 or 13 frames, one number a file", async () => {
  await using work = await workFolder();
  const numbers = new Set<number>();
  for (let seed = 0; seed < 12; seed++) {
    const footage = await pan(join(work.path, "a.y4m"), 240, 26);
    const { pairs } = await synthesizeFootage([footage], join(work.path, `${seed}`), { seed });
    assert.equal(new Set(pairs.map(({ recipe }) => recipe.frames)).size, 1);
    numbers.add(pairs[0]?.recipe.frames ?? 0);
  }
  assert.deepEqual([...numbers].sort((a, b) => a - b), [7, 9, 11, 13]);
});

Deno.test("rebuildPair makes any pair again bit for bit: footage, both modes", async () => {
  await using work = await workFolder();
  const footage = [await pan(join(work.path, "a.y4m"), 240, 45), await pan(join(work.path, "b.y4m"), 120)];
  for (const mode of ["gopro", "realistic"] as const) {
    const output = join(work.path, mode);
    await synthesizeFootage(footage, output, { mode, seed: 5, ...(mode === "realistic" && { jpeg: 80 }) });
    await rebuildAll(output, footage);
  }
});

Deno.test("rebuildPair makes any pair again bit for bit: photos, both modes", async () => {
  await using work = await workFolder();
  const folder = await photos(work.path);
  for (const mode of ["gopro", "realistic"] as const) {
    const output = join(work.path, mode);
    await synthesizePhotos(folder, output, { mode, pairs: 4, seed: 3 });
    await rebuildAll(output, ["a.png", "b.png"].map((name) => join(folder, name)));
  }
});

async function rebuildAll(output: string, files: readonly string[]): Promise<void> {
  const manifest = await readManifest(output);
  assert.ok(manifest.pairs.length >= 4);
  for (const { name } of manifest.pairs) {
    const { blurry, sharp } = await rebuildPair(manifest, name, files);
    const [sequence = "", file = ""] = name.split("/");
    for (const [kind, picture] of [...blurry, ["sharp", sharp] as const]) {
      const written = await readFile(join(output, sequence, kind, `${file}.png`));
      assert.ok(written.equals(await encodePng(picture)), `${name} ${kind}`);
    }
  }
}

Deno.test("rebuildPair refuses a source that has changed, and a pair that is not there", async () => {
  await using work = await workFolder();
  const footage = await pan(join(work.path, "a.y4m"));
  const manifest = await synthesizeFootage([footage], join(work.path, "out"));
  await pan(footage, 240, 39);
  const name = manifest.pairs[0]?.name ?? "";
  await assert.rejects(rebuildPair(manifest, name, [footage]), /a\.y4m: Is not the file .* SHA-256 differs/);
  await assert.rejects(
    rebuildPair(manifest, "no/pair", [footage]),
    /no pair "no\/pair"; it has a_\d\d_00\/000001 to/,
  );
  await assert.rejects(
    rebuildPair(manifest, name, ["b.y4m"]),
    /a\.y4m: Pairs were made from this file; wanted it/,
  );
});

Deno.test("synthesize gives the same folder for the same seed and another for another", async () => {
  await using work = await workFolder();
  const footage = await pan(join(work.path, "a.y4m"));
  const folder = await photos(work.path);
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

Deno.test("synthesizePhotos blurs, in GoPro's layout, and keeps the photo's own pixels sharp where nothing flies by", async () => {
  await using work = await workFolder();
  const folder = await photos(work.path);
  const output = join(work.path, "out");
  await synthesizePhotos(folder, output, { pairs: 2 });
  for (const [i, pair] of (await listPairs(output)).entries()) {
    const [blurry, sharpTwin] = [await readPicture(pair.blurry), await readPicture(pair.sharp)];
    assert.deepEqual([sharpTwin.width, sharpTwin.height], [112, 96]);
    assert.notDeepEqual(blurry.data, sharpTwin.data);
    const photo = await readPicture(join(folder, i === 0 ? "a.png" : "b.png"));
    assert.ok(bestMatch(photo, sharpTwin) > 0.3, "share of rows' beginnings found in the photo");
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
  await using work = await workFolder();
  const folder = await photos(work.path);
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
  await refused(/cannot be read as a picture/);
  await sharp(whole).resize(100, 100).png().toFile(last);
  await refused(/Is 100x100; wanted a photo of 112x112 pixels or more/);
  assert.deepEqual(await readdir(work.path), ["photos in"], "nothing is left behind");
  // As an object that moves over the others it is large enough.
  assert.equal((await synthesizePhotos(folder, join(work.path, "out"), { pairs: 2 })).pairs.length, 2);
});

Deno.test("synthesizeFootage refuses slow footage unless forced, and footage too short for a pair", async () => {
  await using work = await workFolder();
  const slow = await pan(join(work.path, "slow.y4m"), 30);
  const output = join(work.path, "out");
  await assert.rejects(synthesizeFootage([slow], output), /slow\.y4m: Has 30 frames a second.*--force/);
  const short = await pan(join(work.path, "short.y4m"), 240, 5);
  await assert.rejects(synthesizeFootage([short], output), /short\.y4m: Has 5 frames, too few/);
  assert.deepEqual((await readdir(work.path)).sort(), ["short.y4m", "slow.y4m"], "nothing is left behind");
  assert.ok((await synthesizeFootage([slow], output, { force: true })).pairs.length > 0);
});

Deno.test("synthesizeFootage replaces only what was synthesised before, and only when told", async () => {
  await using work = await workFolder();
  const footage = await pan(join(work.path, "a.y4m"));
  const output = join(work.path, "out");
  await synthesizeFootage([footage], output);
  await assert.rejects(synthesizeFootage([footage], output), MediaError);
  await synthesizeFootage([footage], output, { overwrite: true, seed: 2 });
  assert.equal((await readManifest(output)).seed, 2);
  const precious = join(work.path, "precious");
  await mkdir(precious);
  await writeFile(join(precious, "letter.txt"), "dear");
  await assert.rejects(synthesizeFootage([footage], precious, { overwrite: true }), /Holds something else/);
  assert.deepEqual((await readdir(work.path)).sort(), ["a.y4m", "out", "precious"]);
});

Deno.test("synthesize stops with the signal's reason and leaves nothing behind", async () => {
  await using work = await workFolder();
  const footage = await pan(join(work.path, "a.y4m"));
  const folder = await photos(work.path);
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

Deno.test("synthesize refuses options that its mode cannot meet", async () => {
  const bad: [Parameters<typeof synthesizeFootage>[2], RegExp][] = [
    [{ frames: { least: 8, most: 8 } }, /frames is 8\.\.8/],
    [{ frames: { least: 15, most: 21 } }, /7, 9, 11 or 13/],
    [{ mode: "realistic", frames: { least: 8, most: 8 } }, /odd number/],
    [{ frames: { least: 9, most: 7 } }, /smaller first/],
    [{ gamma: "srgb" }, /mode realistic/],
    [{ gap: { least: 1, most: 2 } }, /mode realistic/],
    [{ mode: "realistic", jpeg: 0 }, /quality from 1 to 100/],
    [
      { mode: "realistic", h264: { least: 30, most: 52 } },
      /h264 is 30\.\.52, wanted whole numbers from 0 to 51/,
    ],
    [{ mode: "realistic", jpeg: 80, h264: { least: 30, most: 30 } }, /wanted one codec/],
    [{ h264: { least: 30, most: 30 } }, /h264 is given, but mode gopro has no codec pass/],
    [{ seed: 0.5 }, /seed is 0\.5/],
  ];
  for (const [options, message] of bad) {
    await assert.rejects(synthesizeFootage(["none.mp4"], "nowhere", options), (error: Error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, message);
      return true;
    });
  }
});
