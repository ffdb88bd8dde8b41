import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { Buffer } from "node:buffer";
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CODEC_ID_AMR_WB,
  AV_CODEC_ID_BIN_DATA,
  AV_CODEC_ID_MOV_TEXT,
  AV_CODEC_ID_SUBRIP,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_DATA,
  AVMEDIA_TYPE_SUBTITLE,
} from "node-av/constants";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { addStream, packetsOf } from "../../helpers/add_stream.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const AMR_NB = AV_CODEC_ID_AMR_WB - 1;
/** Frames of 12.2 kbit/s, 4.75 kbit/s and silence. */
const FRAMES = [[0x3c, 32], [0x04, 13], [0x44, 6]] as const;
const SECOND = { pts: Array.from({ length: 25 }, (_, i) => i) };

function frame(index: number): Buffer {
  const [type, size] = FRAMES[index % FRAMES.length] ?? [0, 1];
  return Buffer.alloc(size, index + 1).fill(type, 0, 1);
}

Deno.test("createVideo: AMR sound of many frames a packet, as phones record it, is kept in 3GP, frame by frame", async () => {
  await using folder = await temporaryFolder();
  const [picture, input, output] = [
    folder.file("picture.mp4"),
    folder.file("in.mkv"),
    folder.file("out.3gp"),
  ];
  await makeClip(picture, SECOND);
  await addStream(input, picture, {
    parameters: {
      ...{ codecType: AVMEDIA_TYPE_AUDIO, codecId: AMR_NB, sampleRate: 8000, frameSize: 160 },
      channelLayout: AV_CHANNEL_LAYOUT_MONO,
    },
    packets: [0, 1, 2, 3, 4].map((i) => ({
      data: Buffer.concat(Array.from({ length: 10 }, (_, j) => frame(10 * i + j))),
      time: 200 * i,
      duration: 200,
    })),
  });
  assert.deepEqual(await copyVideo(input, output), []);
  const packets = await packetsOf(output, 1);
  const all = Array.from({ length: 50 }, (_, i) => i);
  assert.deepEqual(packets.map(({ data }) => data), all.map(frame));
  assert.deepEqual(packets.map(({ pts }) => pts), all.map((i) => BigInt(160 * i)));
});

/** A sample of mov_text. */
function movText(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);
}

Deno.test("createVideo: mov_text becomes SubRip in Matroska, which is said; MP4 keeps it as it is", async () => {
  await using folder = await temporaryFolder();
  const [picture, input] = [folder.file("picture.mp4"), folder.file("in.mp4")];
  await makeClip(picture, SECOND);
  await addStream(input, picture, {
    parameters: { codecType: AVMEDIA_TYPE_SUBTITLE, codecId: AV_CODEC_ID_MOV_TEXT },
    packets: [
      { data: movText("Hello"), time: 100, duration: 300 },
      { data: movText(""), time: 400, duration: 200 },
      { data: movText("Two\nlines – ü"), time: 600, duration: 300 },
    ],
  });
  const notes = await copyVideo(input, folder.file("out.mkv"));
  assert.deepEqual(notes, ["Stream 1 (subtitle mov_text) becomes SubRip: matroska cannot hold it as it is"]);
  const container = await openContainer(folder.file("out.mkv"));
  assert.equal(container.streams[1]?.codecpar.codecId, AV_CODEC_ID_SUBRIP);
  await container.closeInput();
  const packets = await packetsOf(folder.file("out.mkv"), 1);
  assert.deepEqual(packets.map(({ data, pts, duration }) => [`${data}`, pts, duration]), [
    ["Hello", 100n, 300n],
    ["Two\nlines – ü", 600n, 300n],
  ]);
  await copyVideo(folder.file("in.mp4"), folder.file("part.mkv"), { start: 0.2, duration: 0.5 });
  const part = await packetsOf(folder.file("part.mkv"), 1);
  assert.deepEqual(part.map(({ pts, duration }) => [pts, duration]), [[0n, 200n], [400n, 100n]]);
  assert.deepEqual(await copyVideo(input, folder.file("out.mp4")), []);
  assert.equal((await packetsOf(folder.file("out.mp4"), 1)).length > 1, true);
});

Deno.test("createVideo: a second video whose times AVI does not hold is left out and named, before the work", async () => {
  await using folder = await temporaryFolder();
  const [picture, input, output] = [
    folder.file("picture.mp4"),
    folder.file("in.mp4"),
    folder.file("out.avi"),
  ];
  await makeClip(picture, SECOND);
  const container = await openContainer(picture);
  const [video] = container.streams;
  assert.ok(video);
  const { codecType, codecId, width, height, extradata } = video.codecpar;
  const packets = (await packetsOf(picture, 0)).map(({ data }, i) => ({ data, time: 40 * i, duration: 40 }));
  await addStream(input, picture, { parameters: { codecType, codecId, width, height, extradata }, packets });
  await container.closeInput();
  const notes = await copyVideo(input, output);
  assert.deepEqual(notes, [
    "Without B-frames: a file of avi does not hold their times",
    "Stream 1 (video h264 48x32) is left out: avi cannot hold it",
  ]);
});

Deno.test("createVideo: measurements of a camera do not make a video longer, nor a part of it; its firmware tag stays", async () => {
  await using folder = await temporaryFolder();
  const [picture, input] = [folder.file("picture.mp4"), folder.file("in.mp4")];
  await makeClip(picture, { pts: Array.from({ length: 62 }, (_, i) => i), audioSeconds: 2 });
  await addStream(input, picture, {
    parameters: { codecType: AVMEDIA_TYPE_DATA, codecId: AV_CODEC_ID_BIN_DATA, codecTag: "gpmd" },
    packets: [0, 1001, 2002].map((time) => ({ data: Buffer.from("DEVC"), time, duration: 1001 })),
    tags: { firmware: "HD5.02" },
  });
  for (
    const [name, range, seconds] of [["out.mp4", {}, 2.48], [
      "part.mp4",
      { start: 0.52, duration: 1 },
      1,
    ]] as const
  ) {
    assert.deepEqual(await copyVideo(input, folder.file(name), range), []);
    const container = await openContainer(folder.file(name));
    assert.equal(container.metadata?.get("firmware"), "HD5.02");
    const length = Number(container.duration) / 1e6;
    assert.ok(length <= seconds + 0.05, `${name} lasts ${length} s`);
    await container.closeInput();
    assert.ok((await packetsOf(folder.file(name), 2)).every(({ data }) => `${data}` === "DEVC"));
  }
});

for (const tag of ["fdsc", "mebx"]) {
  Deno.test(`createVideo: a track of ${tag}, which FFmpeg cannot copy, is left out by name`, async () => {
    await using folder = await temporaryFolder();
    const [picture, named, input] = [
      folder.file("picture.mp4"),
      folder.file("named.mp4"),
      folder.file("in.mp4"),
    ];
    await makeClip(picture, { pts: [0, 1, 2] });
    await addStream(named, picture, {
      parameters: { codecType: AVMEDIA_TYPE_DATA, codecId: AV_CODEC_ID_BIN_DATA, codecTag: "gpmd" },
      packets: [{ data: Buffer.from("DEVC"), time: 0, duration: 100 }],
    });
    const bytes = await readFile(named);
    for (let at = 0; (at = bytes.indexOf("gpmd")) >= 0;) bytes.write(tag, at);
    await writeFile(input, bytes);
    for (const name of ["out.mp4", "out.mov", "out.mkv"]) {
      const container = name.endsWith("mkv") ? "matroska" : name.slice(-3);
      const line = `Stream 1 (data ${tag}) is left out: ${container} cannot hold it`;
      assert.deepEqual(await copyVideo(input, folder.file(name)), [line]);
    }
  });
}
