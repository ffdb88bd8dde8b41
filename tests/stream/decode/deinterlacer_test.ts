import assert from "node:assert/strict";
import { AV_PIX_FMT_YUV420P10LE, FF_ENCODER_FFV1, FF_ENCODER_LIBX264 } from "node-av/constants";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import type { SourceOptions } from "../../../src/stream/source_options.ts";
import type { Frame } from "../../../src/frame.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** A bar that moves by 16 pixels from field to field: lines of two moments are combs at its edges. */
function movingBar(_plane: number, x: number, y: number, t: number): number {
  const at = 32 * t + 16 * (y % 2);
  return _plane === 0 ? (x >= at && x < at + 48 ? 220 : 30) : 128;
}

/** x264 and MPEG-2 flag their frames as interlaced only where asked to. */
async function interlacedClip(path: string, isFlagged = true): Promise<void> {
  await makeClip(path, {
    width: 256,
    height: 64,
    pts: [0, 1, 2, 3, 4, 5],
    encoder: FF_ENCODER_LIBX264,
    encoderOptions: {
      qp: "0",
      preset: "ultrafast",
      ...(isFlagged && { "x264-params": "interlaced=1:tff=1" }),
    },
    sample: movingBar,
  });
}

async function readAll(path: string, options: SourceOptions = {}) {
  await using source = await openVideo(path, options);
  const frames: Frame[] = [];
  for await (const frame of source.frames) frames.push(frame);
  return { frames, notes: source.notes ?? [] };
}

/** How much lines differ from the lines beside them more than from those beyond these: what combs are. */
function combs({ data, width, height }: Frame): number {
  let sum = 0;
  for (let y = 2; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (row: number) => data[3 * (row * width + x)] ?? 0;
      sum += Math.max(0, Math.abs(at(y) - at(y - 1)) - Math.abs(at(y) - at(y - 2)));
    }
  }
  return sum / (width * height);
}

const NOTE = "Interlaced: the two fields of each frame were made into whole pictures (bwdif)";

Deno.test("Deinterlacer: frames flagged as interlaced lose their combs, keep their number and times, and it is told", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mkv");
  await interlacedClip(path);
  const [as, made] = [await readAll(path, { deinterlace: "never" }), await readAll(path)];
  assert.deepEqual(as.notes, []);
  assert.deepEqual(made.notes, [NOTE]);
  assert.equal(made.frames.length, 6);
  assert.deepEqual(made.frames.map(({ pts }) => pts), as.frames.map(({ pts }) => pts));
  assert.deepEqual(made.frames.map(({ duration }) => duration), as.frames.map(({ duration }) => duration));
  as.frames.forEach((frame, i) => {
    const after = made.frames[i];
    assert.ok(
      after && combs(after) < 0.25 * combs(frame),
      `frame ${i}: ${after && combs(after)}, ${combs(frame)}`,
    );
  });
});

Deno.test("Deinterlacer: frames that are not flagged stay as they are, unless all are asked for", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mkv");
  await interlacedClip(path, false);
  const [as, auto] = [await readAll(path, { deinterlace: "never" }), await readAll(path)];
  assert.deepEqual(auto, as);
  const always = await readAll(path, { deinterlace: "always" });
  assert.deepEqual(always.notes, [NOTE]);
  assert.equal(always.frames.length, 6);
  assert.ok(combs(always.frames[3] as Frame) < 0.25 * combs(as.frames[3] as Frame));
});

Deno.test("Deinterlacer: a part of a video is the same as in the whole, but for the frame that has none before it", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mkv");
  await interlacedClip(path);
  const whole = await readAll(path);
  const part = await readAll(path, { start: 0.08, duration: 0.12 });
  assert.deepEqual(part.frames.map(({ pts }) => pts), whole.frames.slice(2, 5).map(({ pts }) => pts));
  assert.deepEqual(part.frames[2]?.data, whole.frames[4]?.data);
});

Deno.test("Deinterlacer: 10 bits stay 10 bits", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mkv");
  await makeClip(path, {
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    pixelFormat: AV_PIX_FMT_YUV420P10LE,
    generator: "testsrc2=d=0.2:r=25",
    width: 64,
    height: 48,
  });
  const { frames, notes } = await readAll(path, { deinterlace: "always" });
  assert.deepEqual(notes, [NOTE]);
  assert.equal(frames.length, 5);
  assert.ok(frames.every(({ data }) => data instanceof Uint16Array));
});
