import assert from "node:assert/strict";
import {
  AV_PIX_FMT_BGR24,
  AV_PIX_FMT_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_SMPTE2084,
  type AVColorRange,
  type AVColorSpace,
  type AVPixelFormat,
  FF_ENCODER_LIBX265,
} from "node-av/constants";
import { CodecParameters } from "node-av/lib";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { colourOf, isHdr, refuseDepth, refuseHighDepth } from "../../../src/stream/ffmpeg/colour.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("refuseHighDepth: more than 8 bits a sample is refused in one line", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("deep.mp4");
  await makeClip(path, {
    pixelFormat: AV_PIX_FMT_YUV420P10LE,
    encoder: FF_ENCODER_LIBX265,
  });
  await assert.rejects(
    openVideo(path),
    /deep\.mp4: This video is more than 8 bits a sample \(yuv420p10le\).*Convert it to 8-bit video$/,
  );
});

function parametersOf(
  format: AVPixelFormat,
  height: number,
  tags: { readonly matrix?: AVColorSpace; readonly range?: AVColorRange } = {},
): CodecParameters {
  const parameters = new CodecParameters();
  parameters.alloc();
  parameters.format = format;
  parameters.width = 64;
  parameters.height = height;
  if (tags.matrix !== undefined) parameters.colorSpace = tags.matrix;
  if (tags.range !== undefined) parameters.colorRange = tags.range;
  return parameters;
}

Deno.test("colourOf: the tags where there are some; otherwise what players take a video of this size for", () => {
  const [limited, full] = [AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG];
  const yuv = AV_PIX_FMT_YUV420P;
  assert.deepEqual(colourOf(parametersOf(yuv, 576)), {
    matrix: AVCOL_SPC_SMPTE170M,
    range: limited,
    format: yuv,
  });
  assert.deepEqual(colourOf(parametersOf(yuv, 720)), {
    matrix: AVCOL_SPC_BT709,
    range: limited,
    format: yuv,
  });
  const tagged = parametersOf(yuv, 576, { matrix: AVCOL_SPC_BT709, range: full });
  assert.deepEqual(colourOf(tagged), { matrix: AVCOL_SPC_BT709, range: full, format: yuv });
  const lying = parametersOf(yuv, 720, { matrix: AVCOL_SPC_RGB });
  assert.equal(colourOf(lying).matrix, AVCOL_SPC_BT709, "YUV that is tagged as RGB");
  const deprecated = colourOf(parametersOf(AV_PIX_FMT_YUVJ420P, 720));
  assert.deepEqual(deprecated, { matrix: AVCOL_SPC_BT709, range: full, format: yuv });
  const rgb = colourOf(parametersOf(AV_PIX_FMT_BGR24, 720));
  assert.deepEqual(rgb, { matrix: AVCOL_SPC_RGB, range: full, format: AV_PIX_FMT_BGR24 });
  assert.equal(colourOf(parametersOf(AV_PIX_FMT_NONE, 720)).matrix, AVCOL_SPC_BT709, "a damaged stream");
});

Deno.test("refuseHighDepth: HDR and constant luminance are refused in 8 bits too; unknown names are let pass", () => {
  const parameters = parametersOf(AV_PIX_FMT_YUV420P, 720);
  refuseHighDepth("a.mp4", parameters);
  parameters.colorTrc = AVCOL_TRC_SMPTE2084;
  assert.throws(() => refuseHighDepth("a.mp4", parameters), /a\.mp4: This video is HDR \(yuv420p\)/);
  const constant = parametersOf(AV_PIX_FMT_YUV420P, 720, { matrix: AVCOL_SPC_BT2020_CL });
  assert.throws(() => refuseHighDepth("a.mp4", constant), /constant-luminance BT\.2020/);
  refuseDepth("a.mp4", "a format of next year", false);
  assert.throws(() => refuseDepth("a.mp4", "gbrp10msble", false), /more than 8 bits a sample/);
  assert.deepEqual(["smpte2084", "arib-std-b67", "bt709", "unknown"].map(isHdr), [true, true, false, false]);
});
