import assert from "node:assert/strict";
import { avGetPixFmtFromName } from "node-av/lib";
import {
  AV_PIX_FMT_YUV420P12LE,
  AVCOL_PRI_BT2020,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE2084,
  FF_ENCODER_FFV1,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_PRORES_KS,
  type FFEncoderCodec,
} from "node-av/constants";
import process from "node:process";
import type { VideoCodec } from "../../../src/stream/video_codecs.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { parseContentLight, parseMasteringDisplay } from "../../../src/stream/ffmpeg/hdr_metadata.ts";
import { codedFrames, largestDifference } from "../../helpers/coded_samples.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

process.env.SVT_LOG ??= "0";

/** Colours beyond what RGB holds, at every edge. */
const GENERATED: ClipOptions = { generator: "testsrc2=d=0.2:r=25", width: 98, height: 50 };

function deepClip(path: string, pixelFormat: string, options: ClipOptions = {}): Promise<void> {
  return makeClip(path, {
    ...GENERATED,
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    pixelFormat: avGetPixFmtFromName(pixelFormat),
    ...options,
  });
}

const TRANSFERS = [["SDR", AVCOL_TRC_BT709], ["PQ", AVCOL_TRC_SMPTE2084], [
  "HLG",
  AVCOL_TRC_ARIB_STD_B67,
]] as const;

for (
  const pixelFormat of [
    "yuv420p10le",
    "yuv422p10le",
    "yuv444p10le",
    "yuv420p12le",
    "yuv422p12le",
    "yuv444p12le",
    "gray10le",
    "gbrp10le",
  ]
) {
  for (const [name, transfer] of TRANSFERS) {
    Deno.test(`createVideo: untouched ${name} pictures of ${pixelFormat} keep every sample through FFV1`, async () => {
      await using folder = await temporaryFolder();
      const [input, output] = [folder.file("in.mkv"), folder.file("out.mkv")];
      await deepClip(input, pixelFormat, { transfer });
      assert.deepEqual(await copyVideo(input, output), []);
      const [before, after] = [await codedFrames(input), await codedFrames(output)];
      assert.equal(before.length, 5);
      assert.equal(after.length, 5);
      assert.equal(after[0]?.pixelFormat, pixelFormat);
      assert.equal(after[0]?.transfer, transfer);
      assert.equal(largestDifference(before, after), 0);
    });
  }
}

const CODECS: readonly (readonly [VideoCodec, FFEncoderCodec, string, string])[] = [
  ["h264", FF_ENCODER_LIBX264, "yuv420p10le", "mp4"],
  ["h264", FF_ENCODER_LIBX264, "yuv422p10le", "mp4"],
  ["hevc", FF_ENCODER_LIBX265, "yuv420p10le", "mp4"],
  ["hevc", FF_ENCODER_LIBX265, "yuv420p12le", "mp4"],
  ["vp9", FF_ENCODER_LIBVPX_VP9, "yuv420p10le", "webm"],
  ["vp9", FF_ENCODER_LIBVPX_VP9, "yuv420p12le", "webm"],
  ["av1", FF_ENCODER_LIBSVTAV1, "yuv420p10le", "mp4"],
];

for (const [codec, encoder, pixelFormat, extension] of CODECS) {
  Deno.test(`createVideo: ${codec} of ${pixelFormat} is written in the same depth`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file(`in.${extension}`), folder.file(`out.${extension}`)];
    const quiet = codec === "hevc" ? { "x265-params": "log-level=none" } : {};
    await deepClip(input, pixelFormat, { encoder, encoderOptions: quiet });
    assert.deepEqual(await copyVideo(input, output, { lossless: codec !== "av1" }), []);
    const [before, after] = [await codedFrames(input), await codedFrames(output)];
    assert.equal(after[0]?.pixelFormat, pixelFormat);
    if (codec !== "av1") assert.equal(largestDifference(before, after), 0);
  });
}

Deno.test("createVideo: lossless VP9 of 12 bits loses nothing of smooth pictures", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mkv"), folder.file("out.mkv")];
  await makeClip(input, {
    ...{ encoder: FF_ENCODER_FFV1, encoderOptions: {}, pixelFormat: AV_PIX_FMT_YUV420P12LE },
    ...{ width: 96, height: 64, pts: [0, 1, 2, 3, 4] },
    sample: (plane, x, y, t) => {
      const place = plane === 0 ? (x + y + t) / 165 : (x / 2 + y / 2 + t) / 85;
      return Math.floor((0.1 + 0.8 * place) * 4095);
    },
  });
  await copyVideo(input, output, { codec: "vp9", lossless: true });
  assert.equal(largestDifference(await codedFrames(input), await codedFrames(output)), 0);
});

Deno.test("createVideo: y4m holds every sample of 8, 10 and 12 bits", async () => {
  for (const pixelFormat of ["yuv420p10le", "yuv422p10le", "yuv444p12le", "gray10le"]) {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file("in.mkv"), folder.file("out.y4m")];
    await deepClip(input, pixelFormat);
    await copyVideo(input, output);
    const [before, after] = [await codedFrames(input), await codedFrames(output)];
    assert.deepEqual([after[0]?.pixelFormat, after.length], [pixelFormat, 5]);
    assert.equal(largestDifference(before, after), 0);
  }
});

Deno.test("createVideo: ProRes stays ProRes in MOV, and keeps its 10 bits of 4:2:2 in H.264 elsewhere", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mov"), folder.file("out.mp4")];
  await deepClip(input, "yuv422p10le", { encoder: FF_ENCODER_PRORES_KS });
  assert.deepEqual(await copyVideo(input, folder.file("out.mov")), []);
  const [before, same] = [await codedFrames(input), await codedFrames(folder.file("out.mov"))];
  assert.equal(same[0]?.pixelFormat, "yuv422p10le");
  // Edges as sharp as a test picture has are what its fixed rate cannot hold.
  assert.ok(largestDifference(before, same) < 90, `${largestDifference(before, same)} of 1023`);
  const notes = await copyVideo(input, output, { lossless: true });
  assert.deepEqual(notes, ["Video codec h264 instead of prores: a mp4 file cannot hold prores"]);
  const after = await codedFrames(output);
  assert.equal(after[0]?.pixelFormat, "yuv422p10le");
  assert.equal(largestDifference(before, after), 0);
});

Deno.test("createVideo: an encoder of fewer bits writes as many as it has, and says so", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  await deepClip(input, "yuv422p12le");
  assert.deepEqual(await copyVideo(input, folder.file("out.mkv"), { codec: "h264" }), [
    "Pixel format yuv422p10le instead of yuv422p12le: h264 at 98x50 needs it",
  ]);
  assert.deepEqual(await copyVideo(input, folder.file("out.webm"), { codec: "av1" }), [
    "Pixel format yuv420p10le instead of yuv422p12le: av1 at 98x50 needs it",
  ]);
});

const DISPLAY =
  "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400";

Deno.test("createVideo: mastering display, light level, transfer and primaries of HDR are kept in every codec and container", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await deepClip(input, "yuv420p10le", {
    encoder: FF_ENCODER_LIBX265,
    encoderOptions: { "x265-params": `log-level=none:hdr10=1:${DISPLAY}` },
    transfer: AVCOL_TRC_SMPTE2084,
    primaries: AVCOL_PRI_BT2020,
    matrix: AVCOL_SPC_BT2020_NCL,
  });
  const outputs: readonly (readonly [VideoCodec, string])[] = [
    ["hevc", "mp4"],
    ["hevc", "ts"],
    ["h264", "mkv"],
    ["h264", "ts"],
    ["av1", "mp4"],
    ["vp9", "webm"],
    ["ffv1", "mkv"],
  ];
  for (const [codec, extension] of outputs) {
    const output = folder.file(`${codec}.${extension}`);
    assert.deepEqual(await copyVideo(input, output, { codec }), [], `${codec} in ${extension}`);
    await using source = await openVideo(output);
    const { masteringDisplay, contentLight, dynamic } = source.info.hdr ?? { dynamic: ["nothing"] };
    const { transfer, primaries, matrix } = source.info.samples ?? {};
    assert.deepEqual([transfer, primaries, matrix, dynamic], [
      AVCOL_TRC_SMPTE2084,
      AVCOL_PRI_BT2020,
      AVCOL_SPC_BT2020_NCL,
      [],
    ]);
    const display = masteringDisplay && parseMasteringDisplay(masteringDisplay);
    assert.equal(display?.most, 1000);
    assert.ok(Math.abs((display?.green[1] ?? 0) - 0.69) < 1e-4, `${codec} in ${extension}`);
    assert.deepEqual(contentLight && parseContentLight(contentLight), { most: 1000, average: 400 });
  }
});

Deno.test("openVideo: HDR gives SDR-like values of 16 bits, and of 8 where they are asked for", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("grey.mkv");
  // 203 cd/m², the diffuse white of PQ, is the code value 0.5807; in limited range of 10 bits, 64 + 876 of it.
  const code = 64 + Math.round(876 * 0.5807);
  await makeClip(path, {
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    pixelFormat: avGetPixFmtFromName("yuv444p10le"),
    transfer: AVCOL_TRC_SMPTE2084,
    pts: [0],
    sample: (plane) => plane === 0 ? code : 512,
  });
  const [frame] = await collectFrames(path);
  assert.ok(frame?.data instanceof Uint16Array);
  const shown = (frame.data[0] ?? 0) / 65535;
  assert.ok(shown > 0.7 && shown < 0.76, `diffuse white is shown as ${shown}`);
  await using source = await openVideo(path, { eightBits: true });
  const { value } = await source.frames.getReader().read();
  assert.ok(value?.data instanceof Uint8Array && value.residue === undefined);
  assert.equal(value.data[0], Math.round(255 * shown));
});
