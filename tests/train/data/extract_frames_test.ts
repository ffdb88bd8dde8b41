import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { extractFrames } from "../../../src/train/data/extract_frames.ts";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { writeY4m } from "../../helpers/y4m.ts";

/** A clip of flat frames, each a little brighter than the one before. */
async function writeClip(path: string, brightness: number, frames = 6) {
  await writeY4m(path, { width: 16, height: 16, rate: 4, frames, luma: (_x, _y, t) => brightness + t });
}

async function firstSample(path: string | undefined): Promise<number | undefined> {
  return (await readPicture(path ?? "")).data[0];
}

Deno.test("extractFrames: a video that was replaced under its name gives the frames of the new one", async () => {
  await using folder = await temporaryFolder();
  const [clip, frames] = [folder.file("clip.y4m"), folder.file("frames")];
  await writeClip(clip, 40);
  const [before] = await extractFrames(clip, frames);
  const dark = await firstSample(before);
  await writeClip(clip, 140);
  const [after] = await extractFrames(clip, frames);
  assert.equal(dark, Math.round((40 - 16) * 255 / 219));
  assert.equal(await firstSample(after), Math.round((140 - 16) * 255 / 219));
  assert.equal(await firstSample(before), dark, "frames of the old video stay for runs that list them");
});

Deno.test("extractFrames: frames that were extracted before are kept, and only missing ones are written", async () => {
  await using folder = await temporaryFolder();
  const [clip, frames] = [folder.file("clip.y4m"), folder.file("frames")];
  await writeClip(clip, 40);
  const coarse = await extractFrames(clip, frames, { every: 3 });
  assert.deepEqual(coarse.map((path) => path.slice(-10)), ["000000.png", "000003.png"]);
  await writeFile(coarse[0] ?? "", "kept as it is");
  const fine = await extractFrames(clip, frames, { every: 1 });
  assert.equal(fine.length, 6);
  assert.equal((await readdir(frames)).length, 1);
  await assert.rejects(readPicture(fine[0] ?? ""), { name: "MediaError" }, "it was not written again");
  assert.equal(await firstSample(fine[3]), Math.round((43 - 16) * 255 / 219));
});
