import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P, FF_ENCODER_FFV1 } from "node-av/constants";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { encoderOptions } from "../../../src/stream/encode/video_codec.ts";
import { VIDEO_CODECS, type VideoCodec } from "../../../src/stream/video_codecs.ts";
import { createVideo } from "../../../src/stream/encode/create_video.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { likeSource } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const CHROMA = [["4:2:0", AV_PIX_FMT_YUV420P], ["4:4:4", AV_PIX_FMT_YUV444P]] as const;

/** Writes three frames of a size in a codec family; `before` and `after` are what was written and what came of it. */
async function encoded(codec: VideoCodec, width: number, height: number, pixelFormat = AV_PIX_FMT_YUV420P) {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  const extension = codec === "vp9" || codec === "av1" ? "webm" : "mkv";
  const output = folder.file(`out.${extension}`);
  await makeClip(input, { width, height, pixelFormat, pts: [0, 1, 2], encoder: FF_ENCODER_FFV1 });
  const copy = async () => {
    await using source = await openVideo(input);
    await using sink = await createVideo(output, {
      ...likeSource(source.info),
      codec,
      ...(!["ffv1", "png", "rawvideo"].includes(codec) && { crf: 1 }),
    });
    await source.frames.pipeTo(sink.frames);
    return sink.notes ?? [];
  };
  const [copied] = await Promise.allSettled([copy()]);
  const left = await readdir(folder.path);
  if (copied.status === "rejected") return { failure: copied.reason, left, notes: [], before: [], after: [] };
  const [before, after] = [await collectFrames(input), await collectFrames(output)];
  return { left, notes: copied.value, before, after };
}

for (const codec of VIDEO_CODECS.filter((codec) => codec !== "rawvideo" && codec !== "prores")) {
  for (const [chroma, pixelFormat] of CHROMA) {
    Deno.test(`createVideo: 35x61 pictures in ${chroma} keep their size and look in ${codec}`, async () => {
      const { notes, before, after, failure } = await encoded(codec, 35, 61, pixelFormat);
      assert.equal(failure, undefined);
      assert.equal(after.length, 3);
      assertFramesEqual(after, before, 8);
      // AV1 is written in 4:2:0 alone, which holds odd sizes there, and PNG in RGB; the others keep colour in full for them.
      const was = chroma === "4:2:0" ? "yuv420p" : "yuv444p";
      const is = codec === "av1" ? "yuv420p" : codec === "png" ? "rgb24" : "yuv444p";
      assert.deepEqual(
        notes,
        is === was ? [] : [`Pixel format ${is} instead of ${was}: ${codec} at 35x61 needs it`],
      );
    });
  }
}

for (const codec of ["av1", "hevc"] as const) {
  Deno.test(`createVideo: pictures too small for ${codec} are refused in one line, and nothing is left`, async () => {
    const { failure, left } = await encoded(codec, 3, 2);
    const wanted = /: Cannot encode 3x2 pictures as \w+: [^\n]+\. Use another codec, such as h264$/;
    assert.match(failure.message, wanted);
    assert.deepEqual(left, ["in.mkv"]);
  });
}

Deno.test("encoderOptions: x265 is kept from the trees that it writes past the end of for narrow pictures", () => {
  const params = (width: number, lossless = false) =>
    encoderOptions("hevc", { crf: 18, lossless, width })["x265-params"];
  assert.equal(params(48), "crf=18:log-level=none:cutree=0");
  assert.equal(params(16, true), "lossless=1:log-level=none:cutree=0");
  assert.equal(params(1920), "crf=18:log-level=none");
});
