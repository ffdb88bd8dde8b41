import assert from "node:assert/strict";
import { avGetPixFmtFromName } from "node-av/lib";
import { AV_PIX_FMT_NONE } from "node-av/constants";
import { describePixelFormat, type PixelFormat } from "../../../src/stream/ffmpeg/pixel_format.ts";

/** Names of FFmpeg's formats of the same colours, bits, and pixels that share chroma across and down. */
const FORMATS: readonly (readonly [PixelFormat["colours"], number, number, number, string])[] = [
  ["yuv", 8, 2, 2, "yuv420p yuvj420p yuva420p nv12 nv21"],
  ["yuv", 8, 2, 1, "yuv422p yuvj422p yuyv422 uyvy422 nv16"],
  ["yuv", 8, 1, 2, "yuv440p"],
  ["yuv", 8, 1, 1, "yuv444p yuva444p nv24 vuya"],
  ["yuv", 8, 4, 1, "yuv411p uyyvyy411"],
  ["yuv", 8, 4, 4, "yuv410p"],
  ["yuv", 9, 2, 2, "yuv420p9le"],
  ["yuv", 10, 2, 2, "yuv420p10le yuv420p10be yuva420p10le p010le nv15"],
  ["yuv", 10, 2, 1, "yuv422p10le y210le p210le nv20le"],
  ["yuv", 10, 1, 1, "yuv444p10le xv30le v30xle yuv444p10msble"],
  ["yuv", 12, 2, 2, "yuv420p12le p012le"],
  ["yuv", 12, 1, 1, "yuv444p12le xv36le"],
  ["yuv", 14, 2, 1, "yuv422p14le"],
  ["yuv", 16, 2, 2, "yuv420p16le p016le"],
  ["rgb", 8, 1, 1, "rgb24 bgr24 rgba 0rgb gbrp gbrap pal8 rgb565le rgb8"],
  ["rgb", 10, 1, 1, "gbrp10le x2rgb10le"],
  ["rgb", 16, 1, 1, "rgb48le rgba64le gbrp16le gbrpf32le"],
  ["grey", 8, 1, 1, "gray ya8 monob monow"],
  ["grey", 10, 1, 1, "gray10le"],
  ["grey", 16, 1, 1, "gray16le ya16le grayf32le"],
  ["bayer", 8, 1, 1, "bayer_rggb8"],
  ["bayer", 16, 1, 1, "bayer_bggr16le"],
];

Deno.test("describePixelFormat: colours, bits and chroma of every kind of format are those of its definition", () => {
  for (const [colours, bits, across, down, names] of FORMATS) {
    for (const name of names.split(" ")) {
      const format = avGetPixFmtFromName(name);
      assert.notEqual(format, AV_PIX_FMT_NONE, name);
      assert.deepEqual(describePixelFormat(format), { colours, bits, chroma: { across, down } }, name);
    }
  }
});

Deno.test("describePixelFormat: what is no format is refused", () => {
  assert.throws(() => describePixelFormat(AV_PIX_FMT_NONE), RangeError);
});
