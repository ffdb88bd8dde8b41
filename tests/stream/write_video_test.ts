import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP9,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  type AVColorRange,
  type AVColorSpace,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG4,
  FF_ENCODER_RAWVIDEO,
} from "node-av/constants";
import { MediaError } from "../../src/errors.ts";
import { createVideo, type CreateVideoOptions } from "../../src/stream/write_video.ts";
import { openVideo, type OpenVideoOptions } from "../../src/stream/open_video.ts";
import { assertFramesEqual, collectFrames } from "../helpers/collect_frames.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { decodeAudio, probeClip } from "../helpers/probe_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

/** Reads and writes a video with nothing between. Returns what the sink noted. */
async function copyVideo(
  input: string,
  output: string,
  options: Omit<CreateVideoOptions, "source"> & OpenVideoOptions = {},
): Promise<readonly string[]> {
  await using source = await openVideo(input, options);
  await using sink = await createVideo(output, { ...options, source: source.info });
  await source.frames.pipeTo(sink.frames);
  return sink.notes ?? [];
}

const COLOURS: readonly (readonly [string, AVColorSpace | undefined, AVColorRange | undefined, number])[] = [
  ["BT.601 limited", AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG, 32],
  ["BT.601 full", AVCOL_SPC_BT470BG, AVCOL_RANGE_JPEG, 32],
  ["BT.709 limited", AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, 32],
  ["BT.709 full", AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, 32],
  ["BT.2020 limited", AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, 32],
  ["untagged, low", undefined, undefined, 32],
  ["untagged, 720 lines", undefined, undefined, 720],
];

for (const [name, matrix, range, height] of COLOURS) {
  Deno.test(`createVideo: an identity round trip stays within 1/255 and keeps the tags (${name})`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
    const sample = height === 720
      ? (plane: number, x: number) => plane === 0 ? 90 + x : 100 + 20 * plane
      : undefined;
    await makeClip(input, {
      height,
      pts: [0, 1, 2],
      ...(matrix !== undefined && { matrix }),
      ...(range !== undefined && { range }),
      ...(sample && { sample: (plane, x) => sample(plane, x) ?? 0 }),
    });
    assert.deepEqual(await copyVideo(input, output, { lossless: true }), []);
    assertFramesEqual(await collectFrames(output), await collectFrames(input), 1);
    const [before, after] = [await probeClip(input), await probeClip(output)];
    for (const tag of ["matrix", "range", "primaries", "transfer"] as const) {
      assert.equal(after.streams[0]?.[tag], before.streams[0]?.[tag], tag);
    }
  });
}

Deno.test("createVideo: variable frame rate, rotation, sample aspect, tags and sound stay as they were", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  const pts = [3, 4, 9, 10, 25, 26, 27, 60];
  await makeClip(input, {
    pts,
    ticks: 90,
    rotated: true,
    sampleAspect: [4, 3],
    audioSeconds: 1.1,
    tags: { title: "A clip", comment: "not lost" },
  });
  assert.deepEqual(await copyVideo(input, output), []);
  const [before, after] = [await probeClip(input), await probeClip(output)];
  const [video, sound] = after.streams;
  assert.deepEqual(video?.times, pts.map((time) => time / 90));
  assert.ok(
    (video?.displayMatrix.length ?? 0) > 0 && video?.displayMatrix === before.streams[0]?.displayMatrix,
  );
  assert.equal(video?.sampleAspect, "4:3");
  assert.equal(after.tags.title, "A clip");
  assert.equal(after.tags.comment, "not lost");
  assert.ok((sound?.packets.length ?? 0) > 40);
  assert.ok((sound?.times[0] ?? 0) < 0, "the priming of the source's sound is what this test is about");
  assert.deepEqual(sound?.packets, before.streams[1]?.packets);
  assert.deepEqual(sound?.times, before.streams[1]?.times);
  assert.deepEqual(await decodeAudio(output), await decodeAudio(input));
});

Deno.test("createVideo: a range starts at its first frame, sound that overlaps it moves with the picture", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { pts: Array.from({ length: 50 }, (_, i) => i), audioSeconds: 2 });
  await copyVideo(input, output, { start: 0.99, duration: 0.5, lossless: true });
  const [all, part] = [await collectFrames(input), await collectFrames(output)];
  const { den } = { den: 12800 };
  assert.equal(part.length, 13);
  const shifted = all.slice(25, 38).map((frame) => ({
    ...frame,
    pts: frame.pts - BigInt(Math.round(0.99 * den)),
  }));
  assertFramesEqual(part, shifted, 1);
  const [before, after] = [(await probeClip(input)).streams[1], (await probeClip(output)).streams[1]];
  const wanted = before?.times.filter((time) => time < 1.49 && time + 1024 / 48000 > 0.99) ?? [];
  assert.equal(after?.times.length, wanted.length);
  for (const [i, time] of wanted.entries()) {
    assert.ok(Math.abs((after?.times[i] ?? 0) - (time - 0.99)) < 1e-4);
  }
});

const CODECS = [
  ["hevc", "in.mp4", "out.mp4", FF_ENCODER_LIBX265, { "x265-params": "log-level=none" }, AV_CODEC_ID_HEVC],
  [
    "av1",
    "in.mp4",
    "out.webm",
    FF_ENCODER_LIBSVTAV1,
    { preset: "12", "svtav1-params": "lp=1" },
    AV_CODEC_ID_AV1,
  ],
  ["vp9", "in.webm", "out.webm", FF_ENCODER_LIBVPX_VP9, { "cpu-used": "8" }, AV_CODEC_ID_VP9],
  ["mpeg4", "in.avi", "out.mp4", FF_ENCODER_MPEG4, {}, AV_CODEC_ID_H264],
] as const;

for (const [name, from, to, encoder, encoderOptions, wanted] of CODECS) {
  Deno.test(`createVideo: ${name} in ${from} comes out in ${to} in a codec that fits`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file(from), folder.file(to)];
    await makeClip(input, { width: 64, height: 64, encoder, encoderOptions, pts: [0, 1, 2] });
    await copyVideo(input, output);
    const { streams } = await probeClip(output);
    assert.equal(streams[0]?.codecId, wanted);
    assert.equal((await collectFrames(output)).length, 3);
  });
}

Deno.test("createVideo: WebM keeps to VP9 when the source is H.264, and says which streams it cannot hold", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.webm")];
  await makeClip(input, { pts: [0, 1], audioSeconds: 0.2 });
  const notes = await copyVideo(input, output);
  const { streams } = await probeClip(output);
  assert.deepEqual(streams.map(({ codecId }) => codecId), [AV_CODEC_ID_VP9]);
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? "", /audio aac 48000 Hz.*left out.*webm/);
});

for (const [width, height] of [[1, 1], [35, 61], [2, 3], [16, 2]] as const) {
  Deno.test(`createVideo: ${width}x${height} pictures keep their size`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file("in.nut"), folder.file("out.mkv")];
    await makeClip(input, {
      width,
      height,
      pts: [0, 1, 2],
      encoder: FF_ENCODER_RAWVIDEO,
      pixelFormat: AV_PIX_FMT_YUV420P,
    });
    const notes = await copyVideo(input, output, { lossless: true });
    const [frame] = await collectFrames(output);
    assert.deepEqual([frame?.width, frame?.height], [width, height]);
    assert.equal(notes.some((note) => /yuv444p instead of yuv420p/.test(note)), width % 2 + height % 2 > 0);
  });
}

Deno.test("createVideo: the pixel format of the input is kept where the encoder takes it", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { pixelFormat: AV_PIX_FMT_YUV444P, width: 35, height: 21, pts: [0, 1] });
  assert.deepEqual(await copyVideo(input, output, { lossless: true }), []);
  assertFramesEqual(await collectFrames(output), await collectFrames(input), 1);
});

Deno.test("createVideo: the size is that of the first frame, and a frame of another size is refused", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { pts: [0, 1] });
  await using source = await openVideo(input);
  await using sink = await createVideo(folder.file("wide.mp4"), { source: source.info });
  const frame = (width: number, pts: bigint) => ({
    data: new Uint8Array(width * 96),
    width,
    height: 32,
    pts,
    duration: 1n,
  });
  const writer = sink.frames.getWriter();
  await writer.write(frame(192, 0n));
  await assert.rejects(writer.write(frame(48, 1n)), /A frame is 48x32; wanted 192x32/);
});

Deno.test("createVideo: nothing is left behind when the output is aborted or disposed before it is complete", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input);
  for (const end of ["abort", "dispose", "unused"] as const) {
    await using source = await openVideo(input);
    await using sink = await createVideo(folder.file("out.mp4"), { source: source.info });
    assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "out.mp4.part"]);
    if (end === "unused") continue;
    const reader = source.frames.getReader();
    const writer = sink.frames.getWriter();
    for (let i = 0; i < 3; i++) {
      const { value } = await reader.read();
      if (value) await writer.write(value);
    }
    if (end === "abort") await writer.abort(new Error("enough"));
    else {
      writer.closed.catch(() => {});
      await sink[Symbol.asyncDispose]();
    }
    assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
  }
  assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
});

Deno.test("createVideo: the name appears only when the file is complete", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input);
  await using source = await openVideo(input);
  await using sink = await createVideo(output, { source: source.info });
  await source.frames.pipeTo(sink.frames, { preventClose: true });
  await assert.rejects(stat(output), { code: "ENOENT" });
  await sink.finishAs?.(folder.file("out.partial.mp4"));
  assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "out.partial.mp4"]);
  assert.equal((await collectFrames(folder.file("out.partial.mp4"))).length, 10);
});

Deno.test("createVideo: refuses what it cannot write, naming it, and touches nothing", async () => {
  await using folder = await temporaryFolder();
  const [input, taken] = [folder.file("in.mp4"), folder.file("taken.mp4")];
  await makeClip(input, { pts: [0] });
  await writeFile(taken, "mine");
  await using source = await openVideo(input);
  const attempts: [string, Partial<CreateVideoOptions>, RegExp][] = [
    [taken, {}, /output exists/],
    [input, { overwrite: true }, /output is the input/],
    [folder.file("no/such/folder/out.mp4"), {}, /Cannot write in the folder .*no\/such\/folder/],
    [`${taken}/out.mp4`, {}, /Cannot write in the folder/],
    [folder.path, { overwrite: true }, /folder|extension/],
    [folder.file("out.txt"), {}, /extension.*wanted \.mp4/],
    [folder.file("out.webm"), { codec: "h264" }, /webm file cannot hold h264/],
  ];
  for (const [path, options, message] of attempts) {
    const attempt = createVideo(path, { source: source.info, ...options });
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof MediaError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(createVideo(folder.file("a.mp4"), { source: source.info, crf: 99 }), RangeError);
  assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "taken.mp4"]);
  assert.equal((await stat(taken)).size, 4);
});

Deno.test("createVideo: chapters, which it cannot write, are named", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { pts: [0, 1, 2] });
  assert.deepEqual(await copyVideo(input, folder.file("none.mp4")), []);
  await writeFile(input, withChapters(await readFile(input), ["one", "two"]));
  const notes = await copyVideo(input, folder.file("out.mp4"));
  assert.deepEqual(notes, ["Its 2 chapters are left out: they cannot be written yet"]);
});

/** An MP4 whose `moov`, which is its last box, has Nero's chapter list, a second for each title. */
function withChapters(file: Uint8Array, titles: readonly string[]): Uint8Array {
  const bytes = Buffer.from(file);
  const moov = bytes.lastIndexOf("moov") - 4;
  assert.equal(moov + bytes.readUInt32BE(moov), bytes.length, "moov is the last box");
  const entries = titles.map((title, i) => {
    const start = Buffer.alloc(9);
    start.writeBigUInt64BE(BigInt(i) * 10_000_000n);
    start[8] = title.length;
    return Buffer.concat([start, Buffer.from(title)]);
  });
  const list = box("chpl", Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, titles.length]), ...entries]));
  const extra = box("udta", list);
  bytes.writeUInt32BE(bytes.length - moov + extra.length, moov);
  return Buffer.concat([bytes, extra]);
}

function box(name: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(name, 4);
  return Buffer.concat([head, content]);
}
