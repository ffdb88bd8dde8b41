import assert from "node:assert/strict";
import {
  AV_PIX_FMT_BGR24,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_SMPTE2084,
  FF_ENCODER_LIBX265,
} from "node-av/constants";
import type { SampleFormat } from "../../../src/frame.ts";
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

Deno.test("refuseHighDepth: HDR and constant luminance are refused in 8 bits too; unknown names are let pass", () => {
  refuseHighDepth("a.mp4", samplesOf("yuv420p"));
  const pq = samplesOf("yuv420p", { transfer: AVCOL_TRC_SMPTE2084 });
  assert.throws(() => refuseHighDepth("a.mp4", pq), /a\.mp4: This video is HDR \(yuv420p\)/);
  const constant = samplesOf("yuv420p", { matrix: AVCOL_SPC_BT2020_CL });
  assert.throws(() => refuseHighDepth("a.mp4", constant), /constant-luminance BT\.2020/);
  refuseDepth("a.mp4", "a format of next year", false);
  assert.throws(() => refuseDepth("a.mp4", "gbrp10msble", false), /more than 8 bits a sample/);
  assert.deepEqual(["smpte2084", "arib-std-b67", "bt709", "unknown"].map(isHdr), [true, true, false, false]);
});
