import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import {
  AV_PIX_FMT_YUV422P10LE,
  AV_PIX_FMT_YUVA444P,
  AVCOL_TRC_SMPTE2084,
  FF_ENCODER_FFV1,
} from "node-av/constants";
import sharp from "sharp";
import { createOutput } from "../../../src/stream/create_output.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { copyMedia } from "../../helpers/copy_media.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const FFV1 = { encoder: FF_ENCODER_FFV1, encoderOptions: {} };

Deno.test("createNumberedPictures: every frame of a video, sample for sample, and back to a video", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("in.mkv"), { pts: [0, 1, 2], ...FFV1, audioSeconds: 0.1 });
  const notes = await copyMedia(folder.file("in.mkv"), folder.file("frames/%04d.png"));
  assert.match(
    notes.join("; "),
    /^Pictures have no times: --fps 25 makes .*; Stream 1 \(audio .*\) is left out/,
  );
  assert.deepEqual((await readdir(folder.file("frames"))).sort(), ["0001.png", "0002.png", "0003.png"]);
  const before = await collectFrames(folder.file("in.mkv"));
  const pictures = await collectFrames(folder.file("frames"));
  assert.deepEqual(pictures.map(({ data }) => data), before.map(({ data }) => data));
  await copyMedia(folder.file("frames"), folder.file("back.apng"));
  const back = await collectFrames(folder.file("back.apng"));
  assert.deepEqual(back.map(({ data }) => data), before.map(({ data }) => data));
  assert.deepEqual((await readdir(folder.path)).sort(), ["back.apng", "frames", "in.mkv"]);
});

Deno.test("createNumberedPictures: 10 bits become 16, opacity stays, and pictures are turned as a player shows them", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("deep.mkv"), { pts: [0], pixelFormat: AV_PIX_FMT_YUV422P10LE, ...FFV1 });
  await makeClip(folder.file("alpha.mkv"), {
    ...{ pixelFormat: AV_PIX_FMT_YUVA444P, generator: "testsrc2=r=25:d=0.04", filters: "format=yuva444p" },
    ...FFV1,
  });
  await makeClip(folder.file("turned.mp4"), { pts: [0], rotated: true });
  for (const name of ["deep.mkv", "alpha.mkv", "turned.mp4"]) {
    await copyMedia(folder.file(name), folder.file(`${name}.d/%d.png`));
  }
  const metadata = (name: string) => sharp(folder.file(`${name}.d/1.png`)).metadata();
  assert.equal((await metadata("deep.mkv")).depth, "ushort");
  assert.equal((await metadata("alpha.mkv")).channels, 4);
  const [before] = await collectFrames(folder.file("turned.mp4"));
  const [after] = await collectFrames(folder.file("turned.mp4.d"));
  assert.deepEqual([after?.width, after?.height], [before?.height, before?.width]);
  // The first row of what is turned clockwise is its first column from below.
  const column = Array.from(
    { length: before?.height ?? 0 },
    (_, y) => before?.data[3 * (y * (before?.width ?? 0))],
  );
  const row = Array.from({ length: after?.width ?? 0 }, (_, x) => after?.data[3 * x]);
  assert.deepEqual(row, column.toReversed());
});

Deno.test("createNumberedPictures: an empty folder is filled, another one only with overwrite, and what is left in it is told", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("in.mkv"), { pts: [0, 1], ...FFV1 });
  const pattern = folder.file("frames/%d.jpg");
  await mkdir(folder.file("frames"));
  await copyMedia(folder.file("in.mkv"), pattern);
  await assert.rejects(copyMedia(folder.file("in.mkv"), pattern), /frames: The output exists/);
  for (const name of ["3.jpg", "4.jpg", "diary.txt"]) await writeFile(folder.file(`frames/${name}`), "");
  await using source = await openMedia(folder.file("in.mkv"));
  await using sink = await createOutput(pattern, { source: source.info, overwrite: true });
  await source.frames.pipeTo(sink.frames);
  assert.match(sink.notes?.join() ?? "", /2 pictures with higher numbers, of an earlier run/);
  assert.deepEqual((await readdir(folder.file("frames"))).sort(), [
    "1.jpg",
    "2.jpg",
    "3.jpg",
    "4.jpg",
    "diary.txt",
  ]);
});

Deno.test("createNumberedPictures: given up, it leaves nothing; HDR and a folder of pictures are refused", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("in.mkv"), { pts: [0, 1], ...FFV1 });
  await makeClip(folder.file("hdr.mkv"), {
    ...{ pts: [0], pixelFormat: AV_PIX_FMT_YUV422P10LE, transfer: AVCOL_TRC_SMPTE2084 },
    ...FFV1,
  });
  await mkdir(folder.file("pictures"));
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).png().toFile(
    folder.file("pictures/1.png"),
  );
  {
    await using source = await openMedia(folder.file("in.mkv"));
    await using sink = await createOutput(folder.file("frames/%d.png"), { source: source.info });
    const writer = sink.frames.getWriter();
    const { value } = await source.frames.getReader().read();
    if (value) await writer.write(value);
    await writer.abort(new Error("enough"));
  }
  await assert.rejects(
    copyMedia(folder.file("hdr.mkv"), folder.file("frames/%d.png")),
    /HDR, which pictures do not keep/,
  );
  await assert.rejects(copyMedia(folder.file("pictures"), folder.file("frames/%d.png")), /keep their names/);
  assert.deepEqual((await readdir(folder.path)).sort(), ["hdr.mkv", "in.mkv", "pictures"]);
});
