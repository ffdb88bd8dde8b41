import assert from "node:assert/strict";
import {
  AV_PIX_FMT_BGR24,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_SMPTE2084,
} from "node-av/constants";
import type { SampleFormat } from "../../../src/frame.ts";
import { colourOf, isHdr, refuseConstantLuminance, refuseDepth } from "../../../src/stream/ffmpeg/colour.ts";

function samplesOf(pixelFormat: string, tags: Partial<SampleFormat> = {}): SampleFormat {
  return {
    pixelFormat,
    range: "unspecified",
    matrix: AVCOL_SPC_UNSPECIFIED,
    primaries: 2,
    transfer: 2,
    chromaLocation: 0,
    ...tags,
  };
}

Deno.test("colourOf: the tags where there are some; otherwise what players take a video of this size for", () => {
  const [limited, full] = [AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG];
  const format = AV_PIX_FMT_YUV420P;
  const plain = samplesOf("yuv420p");
  assert.deepEqual(colourOf(plain, 576), { matrix: AVCOL_SPC_SMPTE170M, range: limited, format });
  assert.deepEqual(colourOf(plain, 720), { matrix: AVCOL_SPC_BT709, range: limited, format });
  const tagged = samplesOf("yuv420p", { matrix: AVCOL_SPC_BT709, range: "full" });
  assert.deepEqual(colourOf(tagged, 576), { matrix: AVCOL_SPC_BT709, range: full, format });
  const lying = samplesOf("yuv420p", { matrix: AVCOL_SPC_RGB });
  assert.equal(colourOf(lying, 720).matrix, AVCOL_SPC_BT709, "YUV that is tagged as RGB");
  const rgb = colourOf(samplesOf("bgr24"), 720);
  assert.deepEqual(rgb, { matrix: AVCOL_SPC_RGB, range: full, format: AV_PIX_FMT_BGR24 });
  assert.equal(colourOf(samplesOf("none"), 720).matrix, AVCOL_SPC_BT709, "a damaged stream");
});

Deno.test("refuseConstantLuminance: BT.2020 of constant luminance is refused, HDR and 10 bits are not", () => {
  refuseConstantLuminance("a.mp4", samplesOf("yuv420p10le", { transfer: AVCOL_TRC_SMPTE2084 }));
  const constant = samplesOf("yuv420p", { matrix: AVCOL_SPC_BT2020_CL });
  assert.throws(() => refuseConstantLuminance("a.mp4", constant), /a\.mp4: .*constant-luminance BT\.2020/);
});

Deno.test("refuseDepth: another program is given neither HDR nor more than 8 bits; unknown names are let pass", () => {
  refuseDepth("a.mp4", "yuv420p", false);
  refuseDepth("a.mp4", "a format of next year", false);
  assert.throws(() => refuseDepth("a.mp4", "gbrp10msble", false), /more than 8 bits a sample/);
  assert.throws(() => refuseDepth("a.mp4", "yuv420p", true), /a\.mp4: This video is HDR \(yuv420p\)/);
  assert.deepEqual(["smpte2084", "arib-std-b67", "bt709", "unknown"].map(isHdr), [true, true, false, false]);
});
