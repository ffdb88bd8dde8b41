import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { findTrainingData, type TrainingDataOptions } from "../../../src/train/data/training_data.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";
import { writeY4m } from "../../helpers/y4m.ts";

const SIDE = flat(50, 24, 20);

async function writeClip(path: string, frames = 30) {
  await writeY4m(path, {
    width: 32,
    height: 24,
    rate: 10,
    frames,
    luma: (x, y, t) => 20 + 3 * x + y + 2 * t,
  });
}

async function sha256Of(path: string): Promise<string> {
  return createHash("sha256").update(await readFile(path)).digest("hex");
}

/** One sequence in GoPro's layout, photos in a folder, and a clip beside them. */
async function mixedFolder(): Promise<PairFolder> {
  const folder = await PairFolder.create();
  for (const kind of ["blur", "blur_gamma", "sharp"]) {
    await folder.write(`data/GOPR1/${kind}/000001.png`, SIDE);
    await folder.write(`data/GOPR1/${kind}/000002.webp`, SIDE);
  }
  await folder.write("data/photos/b.png", flat(60, 24, 24));
  await folder.write("data/photos/deep/a.webp", SIDE);
  for (const name of ["notes.txt", "script.ts"]) await folder.writeText(`data/photos/${name}`);
  await writeClip(join(folder.path, "data/clip.y4m"));
  return folder;
}

function find(folder: PairFolder, names: readonly string[], options: Partial<TrainingDataOptions> = {}) {
  const framesDirectory = join(folder.path, "run/frames");
  return findTrainingData(names.map((name) => join(folder.path, name)), {
    crop: 16,
    framesDirectory,
    ...options,
  });
}

Deno.test("findTrainingData finds pairs, photos and frames of videos in one folder", async () => {
  await using folder = await mixedFolder();
  const { pairs, photos, list, sha256 } = await find(folder, ["data"]);
  assert.deepEqual(pairs.map(({ name }) => name), ["GOPR1/000001", "GOPR1/000002"]);
  const videoHash = (await sha256Of(join(folder.path, "data/clip.y4m"))).slice(0, 16);
  const below = (path: string) => path.slice(folder.path.length + 1);
  const frames = ["000000", "000005", "000010", "000015", "000020", "000025"];
  assert.deepEqual(photos.map(below), [
    ...frames.map((frame) => `run/frames/clip.y4m-${videoHash}/${frame}.png`),
    "data/photos/b.png",
    "data/photos/deep/a.webp",
  ]);
  const lines = list.trimEnd().split("\n");
  assert.equal(lines.length, 4 + 6 + 2);
  const hash = await sha256Of(join(folder.path, "data/photos/b.png"));
  assert.ok(lines.includes(`${hash}  photo  photos/b.png`));
  assert.match(list, /^[0-9a-f]{64} {2}blur {2}GOPR1\/blur\/000002\.webp$/m);
  assert.match(list, /^[0-9a-f]{64} {2}photo {2}clip\.y4m\/000005\.png$/m);
  assert.equal(sha256, createHash("sha256").update(list).digest("hex"));
});

Deno.test("findTrainingData gives frames of a video their pixels, every n-th on request, and names a damaged video", async () => {
  await using folder = await PairFolder.create();
  const clip = join(folder.path, "clip.y4m");
  await writeClip(clip, 7);
  const { photos } = await find(folder, ["clip.y4m"], { every: 3 });
  assert.deepEqual(photos.map((path) => path.slice(-10)), ["000000.png", "000003.png", "000006.png"]);
  const { data, width, height } = await readPicture(photos[1] ?? "");
  assert.deepEqual([width, height], [32, 24]);
  assert.equal(data[0], Math.round((20 + 2 * 3 - 16) * 255 / 219));
  const cut = join(folder.path, "cut.mp4");
  await makeClip(cut, {
    pts: Array.from({ length: 60 }, (_, i) => i),
    muxerOptions: { movflags: "faststart" },
  });
  const bytes = await readFile(cut);
  await writeFile(cut, bytes.subarray(0, bytes.length / 2));
  await assert.rejects(find(folder, ["cut.mp4"]), { name: "MediaError", path: cut });
});

Deno.test("findTrainingData uses the chosen blurry pictures, and has another hash then", async () => {
  await using folder = await mixedFolder();
  const plain = await find(folder, ["data/GOPR1"]);
  const gamma = await find(folder, ["data/GOPR1"], { blur: "blur_gamma" });
  assert.match(gamma.pairs[0]?.blurry ?? "", /blur_gamma.000001\.png$/);
  assert.notEqual(gamma.sha256, plain.sha256);
});

Deno.test("findTrainingData lists the same data alike wherever it is stored", async () => {
  await using one = await mixedFolder();
  await using other = await mixedFolder();
  assert.equal((await find(one, ["data"])).list, (await find(other, ["data"])).list);
});

Deno.test("findTrainingData never uses blurry pictures as sharp ones, whichever blur is chosen", async () => {
  await using folder = await PairFolder.create();
  await folder.write("data/photos/1.png", SIDE);
  await folder.write("data/S1/blur_gamma/1.png", SIDE);
  const missing = { name: "MediaError", path: join(folder.path, "data/S1/sharp") };
  await assert.rejects(find(folder, ["data"]), {
    ...missing,
    message: /This folder is missing, beside blur_gamma/,
  });
  await assert.rejects(find(folder, ["data"], { blur: "blur_gamma" }), missing);
  await folder.write("data/S1/sharp/1.png", SIDE);
  await assert.rejects(find(folder, ["data"]), {
    name: "MediaError",
    path: join(folder.path, "data/S1/blur"),
    message: /This folder is missing, beside blur_gamma and sharp/,
  });
  assert.equal((await find(folder, ["data"], { blur: "blur_gamma" })).pairs.length, 1);
  for (const name of ["data/S1/blur_gamma", "data/S1/blur_gamma/1.png", "data/S1/../S1/blur_gamma/"]) {
    await assert.rejects(find(folder, ["data/photos", name]), {
      name: "MediaError",
      path: join(folder.path, name),
      message: /Its folder is called "blur_gamma".*not sharp photos\. Use the parent folder/,
    });
  }
  // A folder of whole sequences may have that name.
  for (const kind of ["blur", "sharp"]) await folder.write(`blur/S2/${kind}/1.png`, SIDE);
  assert.equal((await find(folder, ["blur"])).pairs.length, 1);
});

Deno.test("findTrainingData excludes what it is told to, by path or name, photos, pairs and videos", async () => {
  await using folder = await mixedFolder();
  const exclude = ["b.png", join(folder.path, "data/GOPR1/sharp/000001.png"), "clip.y4m"];
  const { pairs, photos } = await find(folder, ["data"], { exclude });
  assert.deepEqual(pairs.map(({ name }) => name), ["GOPR1/000002"]);
  assert.deepEqual(photos.map((path) => path.slice(-6)), ["a.webp"]);
  await assert.rejects(find(folder, ["data"], { exclude: ["c.png"] }), {
    name: "MediaError",
    message: /^c\.png: It is excluded, but is not in the training data\. Check its name/,
  });
});

Deno.test("findTrainingData names pictures that cannot be used before anything starts", async () => {
  await using folder = await mixedFolder();
  await assert.rejects(find(folder, ["data"], { crop: 32 }), {
    name: "MediaError",
    message: /24 x 20.*32 x 32/,
  });
  await folder.writeText("data/photos/c.jpg");
  await assert.rejects(find(folder, ["data/photos"]), {
    name: "MediaError",
    path: join(folder.path, "data/photos/c.jpg"),
  });
  await folder.write("data/GOPR1/sharp/000003.png", SIDE);
  await assert.rejects(find(folder, ["data/GOPR1"]), {
    name: "MediaError",
    message: /000003\.png.*blurry counterpart "000003" is missing/,
  });
  await folder.write("data/GOPR1/blur/000003.png", flat(1, 20, 24));
  await assert.rejects(find(folder, ["data/GOPR1"]), { name: "MediaError", message: /20 x 24.*24 x 20/ });
});

Deno.test({
  name: "findTrainingData names a broken link, among photos and beside pairs, and follows one to a folder",
  ignore: Deno.build.os === "windows", // asks for rights to make one
  async fn() {
    await using folder = await mixedFolder();
    await symlink("photos", join(folder.path, "data/linked"));
    assert.equal((await find(folder, ["data"])).photos.length, 6 + 2 + 2);
    await rm(join(folder.path, "data/linked"));
    for (const name of ["data/photos/gone.png", "data/GOPR1/gone"]) {
      const path = join(folder.path, name);
      await symlink("nowhere", path);
      await assert.rejects(find(folder, ["data"]), {
        name: "MediaError",
        path,
        message: /The link is broken: it leads to nothing\. Remove it or correct it/,
      });
      await rm(path);
    }
  },
});

Deno.test("findTrainingData names a path without data, and one that is not there", async () => {
  await using folder = await PairFolder.create();
  await folder.writeText("empty/notes.txt");
  await assert.rejects(find(folder, ["empty"]), {
    name: "MediaError",
    message: /There is no training data here/,
  });
  await assert.rejects(find(folder, ["empty/notes.txt"]), {
    name: "MediaError",
    message: /neither a photo nor a video/,
  });
  await assert.rejects(find(folder, ["none"]), { name: "MediaError", message: /none: This cannot be read/ });
});
