import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { avGetPixFmtName, Codec } from "node-av/lib";
import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  FF_ENCODER_FFV1,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG4,
  type FFEncoderCodec,
} from "node-av/constants";
import process from "node:process";
import { openMedia } from "../../src/stream/open_media.ts";
import { codedFrames, largestDifference } from "../helpers/coded_samples.ts";
import { copyVideo } from "../helpers/copy_video.ts";
import { ROOT } from "../helpers/import_graph.ts";
import { type ClipOptions, makeClip } from "../helpers/make_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

process.env.SVT_LOG ??= "0";

const QUIET = { "x265-params": "log-level=none" };

/** Encoders, a container for each, and whether it can be told to lose nothing. */
const ENCODERS: readonly (readonly [FFEncoderCodec, string, Readonly<Record<string, string>>, boolean])[] = [
  [FF_ENCODER_LIBX264, "mp4", { preset: "ultrafast" }, true],
  [FF_ENCODER_LIBX265, "mp4", QUIET, true],
  [FF_ENCODER_LIBVPX_VP9, "webm", { "cpu-used": "8" }, true],
  [FF_ENCODER_LIBSVTAV1, "mp4", { preset: "12" }, false],
  [FF_ENCODER_FFV1, "mkv", {}, true],
];

/** Two planes, deprecated ranges, floats and mosaics are no formats of cameras; FFmpeg's generators make none of them. */
const UNUSUAL = /^(?:nv|yuvj|bayer|.*f(?:16|32)le$|yaf|bgr0|rgb48|rgba64)/;

for (const [encoder, extension, encoderOptions, canBeLossless] of ENCODERS) {
  Deno.test(`corpus: every pixel format of ${encoder} is read, and written as it was`, async () => {
    await using folder = await temporaryFolder();
    const formats = (Codec.findEncoderByName(encoder)?.pixelFormats ?? [])
      .filter((format) => !UNUSUAL.test(avGetPixFmtName(format) ?? ""));
    /** Formats that the encoder offers and then does not take: libvpx, of opacity. */
    const refused: string[] = [];
    for (const pixelFormat of formats) {
      const name = avGetPixFmtName(pixelFormat) ?? "";
      const [input, output] = [folder.file(`${name}.${extension}`), folder.file(`${name}.out.${extension}`)];
      const clip = { width: 64, height: 64, generator: "testsrc2=d=0.12:r=25" };
      const made = makeClip(input, { ...clip, encoder, encoderOptions, pixelFormat });
      if (!await made.then(() => true, () => false)) {
        refused.push(name);
        continue;
      }
      const notes = await copyVideo(input, output, { lossless: canBeLossless, verify: "decode" });
      const [before, after] = [await codedFrames(input), await codedFrames(output)];
      assert.equal(after.length, before.length, name);
      if (notes.some((note) => note.startsWith("Opacity is lost"))) continue;
      assert.equal(after[0]?.pixelFormat, before[0]?.pixelFormat, `${name}: ${notes.join()}`);
      // Samples of 8 bits go through RGB of 8 bits, which holds fewer colours.
      if (!/\d{2}le$/.test(name)) continue;
      const exact = folder.file(`${name}.exact.mkv`);
      await copyVideo(input, exact, { codec: "ffv1" });
      assert.equal(largestDifference(before, await codedFrames(exact)), 0, name);
    }
    assert.deepEqual(refused.filter((name) => !/^(?:yuva|gbrap)/.test(name)), []);
  });
}

const SHAPES: Readonly<Record<string, ClipOptions & { readonly extension?: string }>> = {
  "odd sizes": { width: 35, height: 61, pixelFormat: AV_PIX_FMT_YUV444P },
  "a variable frame rate": { pts: [0, 1, 5, 6, 30, 31, 90], ticks: 100 },
  "a first frame that comes late": { pts: [20, 21, 22, 23], audioSeconds: 1 },
  "a rotation": { rotated: true },
  "pixels that are no squares": { sampleAspect: [16, 11] },
  "full range, tagged": { range: AVCOL_RANGE_JPEG, matrix: AVCOL_SPC_BT709 },
  "limited range, tagged": { range: AVCOL_RANGE_MPEG, matrix: AVCOL_SPC_BT709 },
  "10 bits of full range": { range: AVCOL_RANGE_JPEG, pixelFormat: AV_PIX_FMT_YUV420P10LE },
  "sound, and tags": { audioSeconds: 0.5, tags: { title: "A title", comment: "A comment" } },
  "sound longer than the picture": { pts: [0, 1, 2], audioSeconds: 1.5 },
  "sound, subtitles, and tags": {
    audioSeconds: 0.4,
    subtitles: [["One", 0, 0.1], ["Two", 0.2, 0.4]],
    tags: { title: "A title" },
    extension: "mkv",
  },
  "one frame": { pts: [0] },
  "one frame and sound": { pts: [0], audioSeconds: 0.3 },
  "a transport stream": { audioSeconds: 0.5, extension: "ts" },
  "MPEG-4 in AVI": { encoder: FF_ENCODER_MPEG4, encoderOptions: {}, extension: "avi" },
  "8 bits in 4:2:0": { pixelFormat: AV_PIX_FMT_YUV420P },
};

for (const [what, { extension = "mp4", ...clip }] of Object.entries(SHAPES)) {
  Deno.test(`corpus: a video with ${what} is what it was, stream by stream, and decodes`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file(`in.${extension}`), folder.file(`out.${extension}`)];
    await makeClip(input, clip);
    const notes = await copyVideo(input, output, { verify: "decode" });
    const expected = extension === "avi"
      ? [
        "Video codec h264 instead of mpeg4: mpeg4 is not written",
        "Without B-frames: a file of avi does not hold their times",
      ]
      : [];
    assert.deepEqual(notes, expected);
    assert.equal((await codedFrames(output)).length, (await codedFrames(input)).length);
  });
}

/** Recordings of real cameras, where they are beside the repository. */
const FOLDER = fileURLToPath(new URL("../shared/data/video/", ROOT));
const recordings = await readdir(FOLDER).then((names) => names.sort(), () => []);

for (const name of recordings) {
  Deno.test(`corpus: ${name} keeps its streams, tags and times, and says what it does not`, async () => {
    await using folder = await temporaryFolder();
    const output = folder.file(name);
    const notes = await copyVideo(FOLDER + name, output, { duration: 0.4, verify: "decode" });
    const untold = notes.filter((note) => !/ is copied as it is: one video is restored$/.test(note));
    assert.deepEqual(untold, []);
    await using before = await openMedia(FOLDER + name, { duration: 0.4 });
    await using after = await openMedia(output);
    assert.deepEqual(after.info.samples, before.info.samples);
    assert.equal(after.info.streams.length, before.info.streams.length);
    assert.equal(after.info.rotation, before.info.rotation);
  });
}
