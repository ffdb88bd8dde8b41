import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Picture } from "../../../src/frame.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { encodePng, readPicture } from "../../../src/train/data/picture_file.ts";
import { psnr } from "../../../src/train/evaluate/metrics.ts";
import { Exposure, type ExposureRecipe } from "../../../src/train/synth/exposure.ts";
import { finishClip } from "../../../src/train/synth/finish_clip.ts";
import { rebuildFolder, rebuildPair } from "../../../src/train/synth/rebuild_pairs.ts";
import { synthesizeFootage } from "../../../src/train/synth/synthesize_footage.ts";
import { synthesizePhotos } from "../../../src/train/synth/synthesize_photos.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";
import { writeY4m } from "../../helpers/y4m.ts";

const RECIPE: ExposureRecipe = { frames: 1, averages: [{ folder: "blur", gamma: "none" }], saturation: 1 };
const H264 = { mode: "realistic", h264: { least: 20, most: 40 } } as const;

function exposed(picture: Picture, recipe = RECIPE): { readonly exposure: Exposure } {
  const exposure = new Exposure(recipe, picture);
  exposure.add(picture);
  return { exposure };
}

async function workFolder() {
  const path = await mkdtemp(join(tmpdir(), "synth-codec-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function pan(path: string): Promise<string> {
  await writeY4m(path, {
    width: 48,
    height: 32,
    rate: 240,
    frames: 150,
    luma: (x, y, frame) => 120 + 60 * Math.sin((x + 1.3 * frame) / 3) + (y % 9 < 2 ? 30 : 0),
  });
  return path;
}

async function pictures(folder: string) {
  const pairs = await listPairs(folder);
  return await Promise.all(pairs.map(async (pair) => ({
    blurry: await readPicture(pair.blurry),
    sharp: await readPicture(pair.sharp),
  })));
}

Deno.test("finishClip loses detail of blurry pictures by the CRF, and keeps sharp ones, in their order", async () => {
  const scenes = Array.from({ length: 20 }, (_, i) => renderScene({ dx: i }));
  const meanAt = async (crf?: number) => {
    const made = await Array.fromAsync(
      finishClip(scenes.map((scene) => exposed(scene)), { crf, name: "clip" }),
    );
    assert.deepEqual(made.map(({ pair }) => pair.sharp), scenes);
    const all = made.map(({ pair }, i) =>
      psnr(pair.blurry.get("blur") ?? assert.fail(), scenes[i] ?? assert.fail())
    );
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  };
  const [none, fine, coarse] = [await meanAt(), await meanAt(18), await meanAt(40)];
  assert.equal(none, Infinity);
  assert.ok(fine > coarse + 5, `${fine} and ${coarse} dB`);
});

Deno.test("finishClip refuses to compress two blurry pictures per pair as one clip", async () => {
  const recipe = {
    ...RECIPE,
    averages: [...RECIPE.averages, { folder: "blur_gamma", gamma: "2.2" }],
  } as const;
  await assert.rejects(
    Array.fromAsync(finishClip([exposed(renderScene(), recipe)], { crf: 20, name: "clip" })),
    /Cannot compress 2 blurry pictures per pair as one H\.264 clip/,
  );
});

Deno.test("synthesizeFootage with h264 compresses each sequence at a CRF drawn by the seed, and no sharp picture", async () => {
  await using work = await workFolder();
  const footage = await Promise.all(["a.y4m", "b.y4m", "c.y4m"].map((name) => pan(join(work.path, name))));
  const [plain, coded] = [join(work.path, "plain"), join(work.path, "coded")];
  await synthesizeFootage(footage, plain, { mode: "realistic", seed: 4 });
  const { pairs } = await synthesizeFootage(footage, coded, { ...H264, seed: 4 });
  const factors = Map.groupBy(pairs, ({ source }) => source).values().map((group) =>
    new Set(group.map(({ recipe }) => recipe.h264))
  ).toArray();
  assert.deepEqual(factors.map(({ size }) => size), [1, 1, 1], "one CRF a sequence");
  assert.ok(new Set(factors.flatMap((one) => [...one])).size > 1, "not the same CRF for all");
  const [before, after] = [await pictures(plain), await pictures(coded)];
  assert.deepEqual(after.map(({ sharp }) => sharp), before.map(({ sharp }) => sharp));
  for (const [i, { blurry }] of after.entries()) {
    const loss = psnr(blurry, before[i]?.blurry ?? assert.fail());
    assert.ok(loss > 20 && loss < 60, `${loss} dB`);
  }
});

Deno.test("rebuildPair and rebuildFolder make pairs that were compressed as H.264 again bit for bit", async () => {
  await using work = await workFolder();
  const footage = [await pan(join(work.path, "a.y4m"))];
  const [output, again] = [join(work.path, "out"), join(work.path, "again")];
  const manifest = await synthesizeFootage(footage, output, { ...H264, seed: 2 });
  assert.ok(manifest.pairs.length > 8);
  for (const { name } of [manifest.pairs[5], manifest.pairs.at(-1)].flatMap((pair) => pair ?? [])) {
    const { blurry } = await rebuildPair(manifest, name, footage);
    const written = await readFile(join(output, name.replace("/", "/blur/") + ".png"));
    assert.ok(written.equals(await encodePng(blurry.get("blur") ?? assert.fail())), name);
  }
  await rebuildFolder(join(output, "manifest.json"), again, { files: footage });
  assert.deepEqual(await pictures(again), await pictures(output));
  assert.deepEqual(
    await readFile(join(again, "manifest.json")),
    await readFile(join(output, "manifest.json")),
  );
});

Deno.test("synthesizePhotos with h264 compresses each pair alone, so that each can be made again alone", async () => {
  await using work = await workFolder();
  const folder = join(work.path, "photos");
  await mkdir(folder);
  const { width, height, data } = renderScene({ width: 160, height: 144 });
  const file = join(folder, "a.png");
  await Deno.writeFile(file, await encodePng({ data, width, height }));
  const output = join(work.path, "out");
  const manifest = await synthesizePhotos(folder, output, { ...H264, pairs: 3 });
  const [first, again] = [await pictures(output), join(work.path, "again")];
  const { name = "" } = manifest.pairs[2] ?? {};
  await rebuildFolder(join(output, "manifest.json"), again, { files: [file], names: [name] });
  assert.deepEqual(await pictures(again), first.slice(2));
});
