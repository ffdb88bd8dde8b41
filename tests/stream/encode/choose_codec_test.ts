import assert from "node:assert/strict";
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP9,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG4,
} from "node-av/constants";
import { chooseCodec } from "../../../src/stream/encode/choose_codec.ts";
import { containerOf } from "../../../src/stream/encode/container_format.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

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
  Deno.test(`chooseCodec: ${name} in ${from} comes out in ${to} in a codec that fits`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file(from), folder.file(to)];
    await makeClip(input, { width: 64, height: 64, encoder, encoderOptions, pts: [0, 1, 2] });
    const notes = await copyVideo(input, output);
    const changed = name === "mpeg4" ? ["Video codec h264 instead of mpeg4: mpeg4 is not written"] : [];
    assert.deepEqual(notes, changed);
    const { streams } = await probeClip(output);
    assert.equal(streams[0]?.codecId, wanted);
    assert.equal((await collectFrames(output)).length, 3);
  });
}

Deno.test("chooseCodec: a codec that was asked for needs no note, one that was not does", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.webm");
  await makeClip(input, { pts: [0, 1], encoder: FF_ENCODER_LIBVPX_VP8 });
  const plain = await copyVideo(input, folder.file("a.webm"));
  assert.deepEqual(plain, ["Video codec vp9 instead of vp8: vp8 is not written"]);
  assert.deepEqual(await copyVideo(input, folder.file("b.webm"), { codec: "vp9" }), []);
});

Deno.test("chooseCodec: a codec or quality that does not exist is refused, with those that do", () => {
  const mkv = containerOf("a.mkv");
  const refused = (options: Record<string, unknown>) => () => chooseCodec("h264", mkv, options);
  assert.throws(
    refused({ codec: "divx" }),
    /RangeError: codec must be one of h264, hevc, av1, vp9, ffv1, prores, png, rawvideo, not "divx"/,
  );
  assert.throws(refused({ crf: 52 }), /RangeError: crf must be 0 to 51 for h264, not 52/);
  assert.throws(refused({ crf: -1 }), RangeError);
  assert.throws(refused({ crf: NaN }), RangeError);
  assert.throws(refused({ codec: "ffv1", crf: 5 }), /RangeError: crf is 5, but ffv1 is lossless/);
  assert.deepEqual(chooseCodec("h264", mkv, { codec: "vp9", crf: 63 }), { codec: "vp9", crf: 63, notes: [] });
  assert.deepEqual(chooseCodec(undefined, mkv, {}), { codec: "h264", crf: 18, notes: [] });
});
