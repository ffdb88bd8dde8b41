import assert from "node:assert/strict";
import {
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUVA420P,
  FF_ENCODER_FFV1,
  FF_ENCODER_LIBX264,
} from "node-av/constants";
import type { Region } from "../../src/crop_picture.ts";
import { deblur } from "../../src/deblur.ts";
import { restoreInSegments, runHere } from "../../src/jobs/mod.ts";
import { openVideo } from "../../src/stream/decode/open_video.ts";
import { createVideo } from "../../src/stream/encode/create_video.ts";
import { assertFramesEqual, collectFrames } from "../helpers/collect_frames.ts";
import { likeSource } from "../helpers/copy_video.ts";
import { type ClipOptions, makeClip } from "../helpers/make_clip.ts";
import { SEGMENT_TEST } from "../helpers/segment_test.ts";
import { tellingEngine } from "../helpers/telling_engine.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const FRAMES = { width: 128, height: 96, pts: Array.from({ length: 60 }, (_, i) => i) };

/** A bar that moves from field to field. */
function movingBar(plane: number, x: number, y: number, t: number): number {
  const at = (6 * t + 3 * (y % 2)) % 100;
  return plane === 0 && x >= at && x < at + 24 ? 220 : 30 + plane * 49;
}

interface Expected {
  readonly isInterlaced?: true;
  readonly hasAlpha?: true;
  readonly crop?: Region;
}

const CLIPS: Readonly<Record<string, readonly [ClipOptions, Expected?]>> = {
  "an interlaced video": [{
    ...FRAMES,
    encoder: FF_ENCODER_LIBX264,
    encoderOptions: { qp: "0", preset: "ultrafast", "x264-params": "interlaced=1:tff=1" },
    sample: movingBar,
  }, { isInterlaced: true }],
  "a video with opacity": [{
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    pixelFormat: AV_PIX_FMT_YUVA420P,
    generator: "testsrc2=r=25:d=2.4:s=128x96",
    filters: "format=yuva420p,geq=lum='p(X,Y)':cb='p(X,Y)':cr='p(X,Y)':a='mod(2*X+Y+30*N,256)'",
  }, { hasAlpha: true }],
  "a part of a rotated video": [{ ...FRAMES, rotated: true, sample: movingBar }, {
    crop: { x: 10, y: 20, width: 60, height: 80 },
  }],
  "a video of which parts stand still for longer than is read before a segment": [{
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    generator: "testsrc2=r=25:d=2.4:s=128x96",
  }],
  "a video of 10 bits": [{
    ...FRAMES,
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    pixelFormat: AV_PIX_FMT_YUV420P10LE,
    sample: (plane, x, y, t) => plane > 0 ? 512 : 64 + (7 * x + 11 * y + 13 * t) % 800,
  }],
};

for (
  const [name, [options, { isInterlaced = false, hasAlpha = false, crop } = {}]] of Object.entries(CLIPS)
) {
  Deno.test(`restoreInSegments: every frame of ${name} is as in one piece, and so are the notes`, async () => {
    await using folder = await temporaryFolder();
    const [input, whole, output] = ["in.mkv", "whole.mkv", "out.mkv"].map(folder.file) as [
      string,
      string,
      string,
    ];
    await makeClip(input, options);
    await using source = await openVideo(input);
    await using sink = await createVideo(whole, { ...likeSource(source.info), codec: "ffv1" });
    const direct = await deblur(source, sink, tellingEngine(), { ...(crop && { crop }) });
    await using again = await openVideo(input);
    const runner = runHere(input, () => Promise.resolve(tellingEngine()));
    const result = await restoreInSegments(again, output, runner, {
      ...SEGMENT_TEST,
      settings: { ...SEGMENT_TEST.settings, ...(crop && { crop }) },
    });
    assert.ok("report" in result);
    const [frames, expected] = [await collectFrames(output), await collectFrames(whole)];
    assert.equal(frames.length, 60);
    assert.equal(frames.every(({ alpha }) => alpha !== undefined), hasAlpha);
    assertFramesEqual(frames, expected, 0);
    for (const [i, { alpha }] of frames.entries()) assert.deepEqual(alpha, expected[i]?.alpha);
    assert.deepEqual([...result.report.notes].sort(), [...direct.notes].sort());
    assert.equal(direct.notes.some((note) => note.startsWith("Interlaced")), isInterlaced);
  });
}
