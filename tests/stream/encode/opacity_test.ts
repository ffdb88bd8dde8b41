import assert from "node:assert/strict";
import {
  AV_PIX_FMT_BGRA,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_YUVA420P,
  AV_PIX_FMT_YUVA422P,
  AV_PIX_FMT_YUVA444P,
  AV_PIX_FMT_YUVA444P10LE,
  FF_ENCODER_FFV1,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_PNG,
  FF_ENCODER_PRORES_KS,
} from "node-av/constants";
import type { Frame } from "../../../src/frame.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** Three frames whose opacity differs from pixel to pixel, and from frame to frame. */
const SHOWN: ClipOptions = {
  width: 64,
  height: 48,
  generator: "testsrc2=r=25:d=0.12",
  filters: "format=yuva444p,geq=lum='p(X,Y)':cb='p(X,Y)':cr='p(X,Y)':a='mod(2*X+Y+30*N,256)'",
};
const VPX = { "auto-alt-ref": "0", crf: "4", b: "2M" };

const KEPT: Readonly<
  Record<string, readonly [ClipOptions, input: string, output: string, tolerance: number]>
> = {
  "VP9": [
    { encoder: FF_ENCODER_LIBVPX_VP9, pixelFormat: AV_PIX_FMT_YUVA420P, encoderOptions: VPX },
    "in.webm",
    "out.webm",
    24,
  ],
  "VP8, which becomes VP9": [
    { encoder: FF_ENCODER_LIBVPX_VP8, pixelFormat: AV_PIX_FMT_YUVA420P, encoderOptions: VPX },
    "in.webm",
    "out.mkv",
    24,
  ],
  "FFV1 4:2:0": [{ encoder: FF_ENCODER_FFV1, pixelFormat: AV_PIX_FMT_YUVA420P }, "in.mkv", "out.mkv", 0],
  "FFV1 4:2:2": [{ encoder: FF_ENCODER_FFV1, pixelFormat: AV_PIX_FMT_YUVA422P }, "in.mkv", "out.mkv", 0],
  "FFV1 4:4:4, odd size": [
    { encoder: FF_ENCODER_FFV1, pixelFormat: AV_PIX_FMT_YUVA444P, width: 35, height: 21 },
    "in.mkv",
    "out.mkv",
    0,
  ],
  "FFV1 RGB": [{ encoder: FF_ENCODER_FFV1, pixelFormat: AV_PIX_FMT_BGRA }, "in.mkv", "out.mkv", 0],
  "ProRes 4444": [
    { encoder: FF_ENCODER_PRORES_KS, pixelFormat: AV_PIX_FMT_YUVA444P10LE },
    "in.mov",
    "out.mov",
    0,
  ],
  "PNG": [{ encoder: FF_ENCODER_PNG, pixelFormat: AV_PIX_FMT_RGBA }, "in.mov", "out.mov", 0],
};

for (const [name, [options, input, output, tolerance]] of Object.entries(KEPT)) {
  Deno.test(`createVideo: the opacity of ${name} is kept`, async () => {
    await using folder = await temporaryFolder();
    await makeClip(folder.file(input), { encoderOptions: {}, ...SHOWN, ...options });
    const notes = await copyVideo(folder.file(input), folder.file(output));
    // Of ProRes 4444, decoders give 12 bits, and the encoder takes 10.
    assert.doesNotMatch(notes.join(), name === "ProRes 4444" ? /Opacity/ : /Opacity|Pixel format/);
    const [before, after] = [
      await collectFrames(folder.file(input)),
      await collectFrames(folder.file(output)),
    ];
    assert.deepEqual([before.length, after.length], [3, 3]);
    assert.ok(new Set(before[0]?.alpha).size > 80, "the clip has one");
    assert.ok(worstOf(before[0], before[1]) > 24, "it changes from frame to frame");
    for (const [i, frame] of before.entries()) {
      const worst = worstOf(frame, after[i]);
      assert.ok(worst <= tolerance, `the opacity of frame ${i} is off by ${worst}`);
    }
  });
}

Deno.test("createVideo: opacity that codec or container cannot hold is said to be lost, with what would keep it", async () => {
  await using folder = await temporaryFolder();
  const pixelFormat = AV_PIX_FMT_YUVA420P;
  await makeClip(folder.file("in.mkv"), {
    ...SHOWN,
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    pixelFormat,
  });
  for (const [output, codec] of [["out.mp4", "h264"], ["out.mp4", "vp9"], ["out.mkv", "av1"]] as const) {
    const notes = await copyVideo(folder.file("in.mkv"), folder.file(output), { codec, overwrite: true });
    assert.equal(
      notes.filter((note) => note.startsWith("Opacity is lost: write VP9 to .webm")).length,
      1,
      codec,
    );
    const [frame] = await collectFrames(folder.file(output));
    assert.equal(frame?.alpha, undefined);
  }
});

function worstOf(one: Frame | undefined, other: Frame | undefined): number {
  const [a, b] = [[...one?.alpha ?? []], [...other?.alpha ?? []]];
  assert.equal(a.length, b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? 0))), 0);
}
