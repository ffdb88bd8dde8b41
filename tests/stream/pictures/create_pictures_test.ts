import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createOutput } from "../../../src/stream/create_output.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { copyMedia } from "../../helpers/copy_media.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { makePicture, shadedPng } from "../../helpers/make_picture.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("createSequence: a folder of pictures comes out as a folder, in the order of its numbers", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in"), folder.file("out")];
  await mkdir(input);
  for (const number of [10, 9, 100, 1]) {
    await writeFile(`${input}/f${number}.png`, await shadedPng(number, 3, number));
  }
  await writeFile(`${input}/notes.txt`, "not a picture");
  const frames = await collectFrames(input);
  assert.deepEqual(frames.map(({ width, pts }) => [width, pts]), [[1, 0n], [9, 1n], [10, 2n], [100, 3n]]);
  assert.deepEqual((await collectFrames(input, { start: 0.04, duration: 0.08 })).map(({ pts }) => pts), [
    1n,
    2n,
  ]);
  await copyMedia(input, output);
  assert.deepEqual((await readdir(output)).sort(), ["f1.png", "f10.png", "f100.png", "f9.png"]);
  assert.deepEqual((await collectFrames(output)).map(({ data }) => data), frames.map(({ data }) => data));
  assert.deepEqual((await readdir(folder.path)).sort(), ["in", "out"]);
  await assert.rejects(copyMedia(input, output), /output exists/);
  await assert.rejects(copyMedia(input, input), /output is the input/);
});

Deno.test("createSequence: replacing a folder leaves what else is in it", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in"), folder.file("out")];
  for (const path of [input, output]) await mkdir(path);
  await makePicture(`${input}/1.png`, { extension: "png", bits: 8, channels: 3, tagged: false });
  await writeFile(`${output}/diary.txt`, "mine");
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info, overwrite: true });
  await source.frames.pipeTo(sink.frames);
  assert.deepEqual((await readdir(output)).sort(), ["1.png", "diary.txt"]);
});

Deno.test("createPicture: a picture that is given up leaves nothing", async () => {
  await using folder = await temporaryFolder();
  await makePicture(folder.file("in.png"), { extension: "png", bits: 8, channels: 3, tagged: false });
  {
    await using source = await openMedia(folder.file("in.png"));
    await using sink = await createOutput(folder.file("out.png"), { source: source.info });
    const writer = sink.frames.getWriter();
    const { value } = await source.frames.getReader().read();
    if (value) await writer.write(value);
    await writer.abort(new Error("enough"));
  }
  assert.deepEqual(await readdir(folder.path), ["in.png"]);
});

Deno.test("createSequence: a picture that appears in the folder after it was opened changes no name", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in"), folder.file("out")];
  await mkdir(input);
  for (const number of [2, 3]) await writeFile(`${input}/f${number}.png`, await shadedPng(4, 4, 10 * number));
  await using source = await openMedia(input);
  await writeFile(`${input}/f1.png`, await shadedPng(4, 4, 10));
  await using sink = await createOutput(output, { source: source.info, lossless: true });
  await source.frames.pipeTo(sink.frames);
  assert.deepEqual((await readdir(output)).sort(), ["f2.png", "f3.png"]);
  assert.deepEqual((await collectFrames(output)).map(({ data }) => data[0]), [20, 30]);
});
