import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { listPairs, readPair } from "../../../src/train/data/pair_files.ts";
import { createRandom } from "../../../src/train/random.ts";
import { synthesizeFootage } from "../../../src/train/synth/synthesize_footage.ts";
import { virtualFootage, writeVirtualVideo } from "../../../src/train/camera/virtual_video.ts";

async function photoFolder() {
  const path = await mkdtemp(join(tmpdir(), "virtual-test-"));
  for (const name of ["dark", "light"]) {
    const random = createRandom(name);
    const cells = Uint8Array.from(
      { length: 24 * 16 * 3 },
      () => (name === "light" ? 150 : 0) + random() * 100,
    );
    await sharp(cells, { raw: { width: 24, height: 16, channels: 3 } }).resize(240, 160).png().toFile(
      join(path, `${name}.png`),
    );
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

Deno.test("writeVirtualVideo: photos become a 240 fps video, and that becomes pairs, none across its cut", async () => {
  await using folder = await photoFolder();
  const video = join(folder.path, "road.mp4");
  await writeVirtualVideo(folder.path, video, { seconds: 0.4, width: 96, height: 64, secondsPerShot: 0.2 });
  await using source = await openVideo(video);
  assert.equal(source.info.frameRate, 240);
  assert.equal((await Array.fromAsync(source.frames)).length, 96);
  const output = join(folder.path, "pairs");
  const { sources, pairs } = await synthesizeFootage([video], output, { mode: "realistic" });
  for (const { frames = [] } of pairs) {
    assert.ok(
      (frames[0] ?? 0) >= 48 || (frames.at(-1) ?? 99) < 48,
      `${frames} is not averaged across the cut at 48`,
    );
  }
  assert.equal(sources[0]?.frameRate, 240);
  const listed = await listPairs(output);
  assert.equal(listed.length, pairs.length);
  for (const pair of listed) {
    const { blurry, sharp } = await readPair(pair);
    assert.notDeepEqual(blurry.data, sharp.data);
  }
});

Deno.test("virtualFootage is decided by its seed", async () => {
  await using folder = await photoFolder();
  const options = { seconds: 0.02, width: 48, height: 32 };
  const frames = (seed: number) => Array.fromAsync(virtualFootage(folder.path, { ...options, seed }));
  assert.deepEqual(await frames(1), await frames(1));
  assert.notDeepEqual(await frames(1), await frames(2));
});

Deno.test("writeVirtualVideo names a photo that is too small, and leaves nothing behind", async () => {
  await using folder = await photoFolder();
  const video = join(folder.path, "big.mp4");
  await assert.rejects(
    writeVirtualVideo(folder.path, video, { width: 640, height: 360 }),
    /(dark|light)\.png: The photo is 240x160, smaller than the video/,
  );
  assert.deepEqual((await readdir(folder.path)).sort(), ["dark.png", "light.png"]);
});

Deno.test("virtualFootage finds photos that are damaged or too small before its first frame", async () => {
  await using folder = await photoFolder();
  const last = join(folder.path, "last.png");
  const whole = await readFile(join(folder.path, "dark.png"));
  const shots = { seconds: 0.3, secondsPerShot: 0.1, width: 96, height: 64 };
  const first = async () => await virtualFootage(folder.path, shots).next();
  await writeFile(last, whole.subarray(0, whole.length / 2));
  await assert.rejects(first(), { name: "MediaError", path: last, message: /Cannot read this picture/ });
  await sharp(whole).resize(80, 80).png().toFile(last);
  await assert.rejects(first(), {
    name: "MediaError",
    path: last,
    message: /The photo is 80x80, smaller than the video/,
  });
});
