import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { AV_PIX_FMT_YUV420P10LE, AVCOL_TRC_SMPTE2084, FF_ENCODER_FFV1 } from "node-av/constants";
import sharp from "sharp";
import type { Frame } from "../../../src/frame.ts";
import { createOutput } from "../../../src/stream/create_output.ts";
import { parseAnimation } from "../../../src/stream/animation/read_animation.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { copyMedia } from "../../helpers/copy_media.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const [WIDTH, HEIGHT] = [40, 30];
/** Milliseconds; the last one is unlike all others. */
const DELAYS = [100, 250, 60, 800];

/** Four frames with holes in them, one above the other, as sharp takes them. */
function frames() {
  const bytes = new Uint8Array(WIDTH * HEIGHT * 4 * DELAYS.length);
  for (let i = 0; i < bytes.length / 4; i++) {
    const [x, y, k] = [i % WIDTH, Math.floor(i / WIDTH) % HEIGHT, Math.floor(i / WIDTH / HEIGHT)];
    const isHole = x >= 5 + 4 * k && x < 12 + 4 * k && y > 8 && y < 20;
    bytes.set(isHole ? [0, 0, 0, 0] : [(x * 4 + k * 40) % 256, y * 8, 128, 255], 4 * i);
  }
  const raw = { width: WIDTH, height: HEIGHT * DELAYS.length, channels: 4, pageHeight: HEIGHT } as const;
  return sharp(bytes, { raw });
}

/** What libvips reads of a GIF or WebP file. */
async function shownBy(path: string) {
  const { pages, delay, loop } = await sharp(path, { animated: true }).metadata();
  return { pages, delay, loop };
}

/** Seconds that each frame of a file is shown, and its opacity. */
async function framesOf(path: string) {
  await using source = await openMedia(path);
  const { num, den } = source.info.timeBase;
  const found = await Array.fromAsync(source.frames);
  return {
    found,
    milliseconds: found.map(({ duration }) => Math.round(1000 * Number(duration) * num / den)),
  };
}

for (const input of ["gif", "webp"] as const) {
  for (const output of ["gif", "webp", "apng"] as const) {
    Deno.test(`createOutput: from an animated ${input} to ${output}, times, loops and opacity are kept`, async () => {
      await using folder = await temporaryFolder();
      const [from, to] = [folder.file(`in.${input}`), folder.file(`out.${output}`)];
      const options = { delay: DELAYS, loop: 4 };
      await (input === "gif" ? frames().gif(options) : frames().webp({ ...options, lossless: true })).toFile(
        from,
      );
      const notes = await copyMedia(from, to, false);
      assert.deepEqual(notes.filter((note) => !note.startsWith("A GIF has at most 256 colours")), []);
      assert.equal(parseAnimation(await readFile(to))?.plays, parseAnimation(await readFile(from))?.plays);
      if (output !== "apng") assert.deepEqual(await shownBy(to), { pages: 4, delay: DELAYS, loop: 4 });
      const [before, after] = [await framesOf(from), await framesOf(to)];
      assert.deepEqual(after.milliseconds, DELAYS);
      for (const [i, { alpha, data }] of before.found.entries()) {
        assert.ok(alpha?.includes(0) && alpha.includes(255), "there are holes");
        const copy = after.found[i];
        assert.deepEqual(copy?.alpha, alpha, `opacity of frame ${i}`);
        // A lossy WebP of a GIF, and palettes, change colours a little.
        const isExact = output === "apng" || input === "webp" && output === "webp";
        const worst = worstOf({ data, ...(alpha && { alpha }) }, copy);
        assert.ok(worst <= (isExact ? 0 : 48), `frame ${i} is off by ${worst}`);
      }
    });
  }
}

Deno.test("createOutput: an animated PNG stays one under the name of a still one", async () => {
  await using folder = await temporaryFolder();
  await frames().gif({ delay: DELAYS, loop: 2 }).toFile(folder.file("in.gif"));
  await copyMedia(folder.file("in.gif"), folder.file("a.apng"));
  await Deno.rename(folder.file("a.apng"), folder.file("a.png"));
  await copyMedia(folder.file("a.png"), folder.file("b.png"));
  const [a, b] = [await framesOf(folder.file("a.png")), await framesOf(folder.file("b.png"))];
  assert.deepEqual([b.milliseconds, parseAnimation(await readFile(folder.file("b.png")))?.plays], [
    DELAYS,
    2,
  ]);
  assertFramesEqual(b.found, a.found, 0);
});

Deno.test("createOutput: videos become animated pictures; frames that are alike may be written as one", async () => {
  await using folder = await temporaryFolder();
  const pts = [0, 2, 3, 7, 8, 9];
  await makeClip(folder.file("in.mkv"), {
    pts,
    ticks: 20,
    audioSeconds: 0.5,
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
  });
  const still = { pts: [0, 1, 2, 3], ticks: 10, generator: "color=c=teal:r=10:d=0.4" };
  await makeClip(folder.file("still.mkv"), { ...still, encoder: FF_ENCODER_FFV1, encoderOptions: {} });
  for (const extension of ["gif", "apng", "webp"]) {
    const notes = await copyMedia(folder.file("in.mkv"), folder.file(`out.${extension}`));
    assert.match(notes.join(), /Stream 1 \(audio .*is left out/, extension);
    const { milliseconds } = await framesOf(folder.file(`out.${extension}`));
    assert.deepEqual(milliseconds.slice(0, 5), [100, 50, 200, 50, 50], extension);
    const bytes = await readFile(folder.file(`out.${extension}`));
    assert.equal(parseAnimation(bytes)?.plays, 0, "without end");
    const told = await copyMedia(folder.file("still.mkv"), folder.file(`still.${extension}`));
    if (extension === "webp") {
      assert.match(told.join(), /one picture that stands still: all frames are alike/);
    } else assert.equal((await framesOf(folder.file(`still.${extension}`))).milliseconds.length, 4);
  }
  const samples = async (name: string) => (await collectFrames(folder.file(name))).map(({ data }) => data);
  assert.deepEqual(await samples("out.apng"), await samples("in.mkv"));
  assert.deepEqual(await samples("out.webp"), await samples("in.mkv"));
});

Deno.test("createOutput: one frame becomes a picture that stands still, and that is told", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("in.mkv"), { pts: [0], encoder: FF_ENCODER_FFV1, encoderOptions: {} });
  for (const extension of ["apng", "webp"]) {
    const notes = await copyMedia(folder.file("in.mkv"), folder.file(`out.${extension}`));
    assert.match(notes.join(), /one picture that stands still: there was one frame/);
    assert.deepEqual((await sharp(folder.file(`out.${extension}`)).metadata()).width, 48);
  }
});

Deno.test("createOutput: a GIF of more frames a second than browsers show is refused, and nothing is left", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("in.mp4"), { pts: [0, 1, 2, 3, 4, 5], ticks: 60 });
  await using source = await openMedia(folder.file("in.mp4"));
  await assert.rejects(
    createOutput(folder.file("out.gif"), { source: source.info }),
    /at most 50 frames a second, and these are 60/,
  );
  assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
});

Deno.test("createOutput: HDR, which animated pictures do not hold, is refused by name", async () => {
  await using folder = await temporaryFolder();
  const hdr = { pixelFormat: AV_PIX_FMT_YUV420P10LE, transfer: AVCOL_TRC_SMPTE2084 };
  await makeClip(folder.file("in.mkv"), {
    pts: [0, 1],
    ...hdr,
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
  });
  for (const name of ["out.gif", "out.apng", "out.webp"]) {
    await assert.rejects(
      copyMedia(folder.file("in.mkv"), folder.file(name)),
      /is HDR, which \w+ does not hold/,
    );
  }
  assert.deepEqual(await readdir(folder.path), ["in.mkv"]);
});

Deno.test("createOutput: pictures too large for WebP are refused by both sizes, and nothing is left", async () => {
  await using folder = await temporaryFolder();
  const wide = { width: 16_384, height: 2, pts: [0, 1], encoder: FF_ENCODER_FFV1, encoderOptions: {} };
  await makeClip(folder.file("in.mkv"), wide);
  await assert.rejects(
    copyMedia(folder.file("in.mkv"), folder.file("out.webp")),
    /at most 16383 pixels a side, and these are 16384x2/,
  );
  assert.deepEqual(await readdir(folder.path), ["in.mkv"]);
});

/** The largest difference of two frames where the first can be seen. */
function worstOf({ data, alpha }: Pick<Frame, "data" | "alpha">, copy: Frame | undefined): number {
  let worst = 0;
  for (let i = 0; i < data.length; i++) {
    if (alpha?.[Math.floor(i / 3)] !== 0) {
      worst = Math.max(worst, Math.abs((data[i] ?? 0) - (copy?.data[i] ?? 0)));
    }
  }
  return worst;
}
