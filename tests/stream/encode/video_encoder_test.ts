import assert from "node:assert/strict";
import {
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
  FF_ENCODER_RAWVIDEO,
} from "node-av/constants";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

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
  Deno.test(`VideoEncoder: an identity round trip stays within 1/255 and keeps the tags (${name})`, async () => {
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

Deno.test("VideoEncoder: one or two frames come out as HEVC, however x265 makes up their decoding times", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  for (const pts of [[0], [0, 1]]) {
    await makeClip(input, { pts });
    for (let repeat = 0; repeat < 20; repeat++) {
      await copyVideo(input, output, { codec: "hevc", overwrite: true });
      const { streams } = await probeClip(output);
      assert.deepEqual(streams[0]?.times, pts.map((time) => time / 25));
    }
  }
});

for (const [width, height] of [[1, 1], [35, 61], [2, 3], [16, 2]] as const) {
  Deno.test(`VideoEncoder: ${width}x${height} pictures keep their size`, async () => {
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

Deno.test("VideoEncoder: the pixel format of the input is kept where the encoder takes it", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { pixelFormat: AV_PIX_FMT_YUV444P, width: 35, height: 21, pts: [0, 1] });
  assert.deepEqual(await copyVideo(input, output, { lossless: true }), []);
  assertFramesEqual(await collectFrames(output), await collectFrames(input), 1);
});
