import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MJPEG,
  type FFEncoderCodec,
} from "node-av/constants";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { shownPictures } from "../../helpers/shown_pictures.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** Makes the `colr` box of an MP4 file say the opposite range. */
async function contradictRange(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.indexOf("colrnclx");
  assert.ok(at >= 0, "the clip has no colr box");
  const flags = at + 4 + 4 + 6;
  bytes[flags] = (bytes[flags] ?? 0) ^ 0x80;
  await writeFile(path, bytes);
}

/** A ramp over all of the levels that the range has. */
function ramp(isFull: boolean): (plane: number, x: number) => number {
  const [low, high] = isFull ? [0, 255] : [16, 235];
  return (plane, x) => plane === 0 ? Math.round(low + (high - low) * x / 63) : 128;
}

const CODECS: readonly (readonly [name: string, encoder: FFEncoderCodec, options: Record<string, string>])[] =
  [
    ["H.264", FF_ENCODER_LIBX264, { qp: "0" }],
    ["HEVC", FF_ENCODER_LIBX265, { "x265-params": "log-level=none:lossless=1" }],
    ["VP9", FF_ENCODER_LIBVPX_VP9, { lossless: "1" }],
    ["Motion JPEG", FF_ENCODER_MJPEG, { q: "2" }],
  ];

for (const [name, encoder, encoderOptions] of CODECS) {
  for (const isFull of encoder === FF_ENCODER_MJPEG ? [true] : [true, false]) {
    const [has, says] = isFull ? ["full", "limited"] : ["limited", "full"];
    Deno.test(`createVideo: ${name} of ${has} range in a file that says ${says} is shown as its input is`, async () => {
      await using folder = await temporaryFolder();
      const [input, output] = [folder.file("in.mp4"), folder.file("out.mkv")];
      await makeClip(input, {
        encoder,
        encoderOptions,
        width: 64,
        pts: [0, 1, 2],
        matrix: AVCOL_SPC_BT709,
        range: isFull ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG,
        pixelFormat: encoder === FF_ENCODER_MJPEG ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P,
        muxerOptions: { movflags: "+write_colr" },
        sample: ramp(isFull),
      });
      await contradictRange(input);
      await copyVideo(input, output, { codec: "h264", lossless: true });
      const [before, after] = [await shownPictures(input), await shownPictures(output)];
      assert.equal(after.length, before.length);
      const worst = Math.max(
        ...after.flatMap((picture, i) =>
          Array.from(picture, (value, at) => Math.abs(value - (before[i]?.[at] ?? 0)))
        ),
      );
      assert.ok(worst <= 2, `shown ${worst} levels off`);
    });
  }
}
