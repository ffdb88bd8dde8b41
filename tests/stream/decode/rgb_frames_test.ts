import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import {
  AV_PIX_FMT_YUV444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  type AVColorRange,
  type AVColorSpace,
} from "node-av/constants";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const MATRICES: readonly (readonly [string, AVColorSpace, AVColorRange, number, number])[] = [
  ["BT.601 limited", AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG, 0.299, 0.114],
  ["BT.709 limited", AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, 0.2126, 0.0722],
  ["BT.709 full", AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, 0.2126, 0.0722],
  ["BT.2020 limited", AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, 0.2627, 0.0593],
];

for (const [name, matrix, range, kr, kb] of MATRICES) {
  Deno.test(`RgbFrames: ${name} becomes the RGB its definition gives, to 1/255`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("clip.mp4");
    const yuv: readonly [number, number, number] = [120, 110, 150];
    await makeClip(path, {
      matrix,
      range,
      pts: [0],
      sample: (plane) => yuv[plane] ?? 0,
      pixelFormat: AV_PIX_FMT_YUV444P,
    });
    const [offset, lumaScale, chromaScale] = range === AVCOL_RANGE_MPEG ? [16, 219, 224] : [0, 255, 255];
    const [y, u, v] = [
      (yuv[0] - offset) / lumaScale,
      (yuv[1] - 128) / chromaScale,
      (yuv[2] - 128) / chromaScale,
    ];
    const [red, blue] = [y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u];
    const green = (y - kr * red - kb * blue) / (1 - kr - kb);
    const [frame] = await collectFrames(path);
    for (const [c, wanted] of [red, green, blue].entries()) {
      const got = frame?.data[c] ?? -1;
      assert.ok(Math.abs(got - wanted * 255) <= 1, `channel ${c} is ${got}, wanted ${wanted * 255}`);
    }
  });
}

Deno.test("RgbFrames: interlaced pictures come whole, if they are not deinterlaced", async () => {
  await using folder = await temporaryFolder();
  const [fields, whole] = [folder.file("fields.mp4"), folder.file("whole.mp4")];
  await makeClip(whole);
  await makeClip(fields, { encoderOptions: { qp: "0", preset: "ultrafast", "x264-params": "tff=1" } });
  assertFramesEqual(await collectFrames(fields, { deinterlace: "never" }), await collectFrames(whole), 0);
});

Deno.test("RgbFrames: a frame owns its memory and can be handed to another thread", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: [0, 1] });
  const [first, second] = await collectFrames(path);
  assert.ok(first && second);
  assert.equal(first.data.buffer.byteLength, 48 * 32 * 3);
  assert.equal(structuredClone(first.data.buffer, { transfer: [first.data.buffer] }).byteLength, 48 * 32 * 3);
  assert.equal(first.data.length, 0);
  assert.equal(second.data.length, 48 * 32 * 3);
});

Deno.test("RgbFrames: a picture that changes its size is refused with both sizes", async () => {
  await using folder = await temporaryFolder();
  const [small, large, both] = [folder.file("a.ts"), folder.file("b.ts"), folder.file("both.ts")];
  await makeClip(small, { pts: Array.from({ length: 30 }, (_, i) => i) });
  await makeClip(large, { width: 64, height: 48, pts: Array.from({ length: 30 }, (_, i) => i + 30) });
  await writeFile(both, Buffer.concat([await readFile(small), await readFile(large)]));
  await assert.rejects(collectFrames(both), /picture size changes from 48x32 to 64x48/);
});
