import assert from "node:assert/strict";
import sharp from "sharp";
import type { Frame } from "../../../src/frame.ts";
import { createRandom } from "../../../src/train/random.ts";
import { SceneChangeDetector } from "../../../src/train/synth/scene_change_detector.ts";
import { virtualFootage } from "../../../src/train/camera/virtual_video.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** A picture of slanted stripes, `shift` pixels along. */
function stripes(shift: number, from = 0) {
  const [width, height] = [48, 32];
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / 3);
    data[i] = from + 50 + 40 * Math.sin((at % width + Math.floor(at / width) + shift) / 5);
  }
  return { data, width, height };
}

Deno.test("SceneChangeDetector distinguishes duplicates and cuts from motion", () => {
  const watch = new SceneChangeDetector();
  const changes = [0, 1, 2, 2, 3, 4, 4, 4, 5].map((shift) => watch.next(stripes(shift)));
  const expected = [
    "motion",
    "motion",
    "motion",
    "duplicate",
    "motion",
    "motion",
    "duplicate",
    "duplicate",
    "motion",
  ];
  assert.deepEqual(changes, expected);
  assert.equal(watch.next(stripes(6, 120)), "cut");
  assert.equal(watch.next(stripes(7, 120)), "motion");
});

Deno.test("SceneChangeDetector finds no duplicates from a camera at rest, and no cuts in a fast pan", () => {
  const watch = new SceneChangeDetector();
  for (let i = 0; i < 10; i++) {
    const frame = stripes(0);
    frame.data[i * 300] = 255; // a little noise
    assert.equal(watch.next(frame), "motion");
  }
  const pan = new SceneChangeDetector();
  for (let i = 0; i < 10; i++) assert.equal(pan.next(stripes(i * 6)), "motion");
});

Deno.test("SceneChangeDetector: a change of size is a cut", () => {
  const watch = new SceneChangeDetector();
  watch.next(stripes(0));
  assert.equal(watch.next({ data: new Uint8Array(12), width: 2, height: 2 }), "cut");
});

/** Three photos of soft shapes, each in its own colours. */
async function photoFolder() {
  const folder = await temporaryFolder();
  for (const name of ["a", "b", "c"]) {
    const random = createRandom(name);
    const tint = [random(), random(), random()].map((level) => 100 * level);
    const cells = Uint8Array.from({ length: 32 * 24 * 3 }, (_, i) => (tint[i % 3] ?? 0) + 155 * random());
    const raw = { width: 32, height: 24, channels: 3 } as const;
    await sharp(cells, { raw }).resize(480, 360).png().toFile(folder.file(`${name}.png`));
  }
  return folder;
}

/** Shots of a hand-held camera among things that fly by, every `step`th frame of 240 a second. */
async function shots(photos: string, seed: number, step: number, framesPerShot: number): Promise<Frame[]> {
  const secondsPerShot = framesPerShot * step / 240;
  const options = { seed, width: 96, height: 64, seconds: 3 * secondsPerShot, secondsPerShot };
  const frames = await Array.fromAsync(virtualFootage(photos, options));
  return frames.filter((_, i) => i % step === 0);
}

for (const times of [2, 3, 4, 5]) {
  Deno.test(`SceneChangeDetector finds frames that are repeated ${times} times, from the first on and after cuts`, async () => {
    await using photos = await photoFolder();
    for (const seed of [1, 2, 3]) {
      const watch = new SceneChangeDetector();
      for (const [i, frame] of (await shots(photos.path, seed, 4, 8)).entries()) {
        const changes = Array.from({ length: times }, () => watch.next(frame));
        const first = i > 0 && i % 8 === 0 ? "cut" : "motion";
        const expected = [first, ...Array.from({ length: times - 1 }, () => "duplicate")];
        assert.deepEqual(changes, expected, `seed ${seed}, frame ${i}`);
      }
    }
  });
}

for (const [speed, step] of [["slow", 1], ["fast", 2], ["very fast", 4]] as const) {
  Deno.test(`SceneChangeDetector finds the cuts between ${speed} pans, and no others`, async () => {
    await using photos = await photoFolder();
    let largest = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const watch = new SceneChangeDetector();
      const frames = await shots(photos.path, seed, step, 20);
      for (const [i, frame] of frames.entries()) {
        const isCut = i > 0 && i % 20 === 0;
        assert.equal(watch.next(frame) === "cut", isCut, `seed ${seed}, frame ${i}`);
        if (i > 0 && !isCut) largest = Math.max(largest, difference(frames[i - 1] as Frame, frame));
      }
    }
    if (step === 4) assert.ok(largest > 25, `they are fast: frames differ by up to ${largest} bytes`);
  });
}

function difference(a: Frame, b: Frame): number {
  let sum = 0;
  for (const [i, value] of a.data.entries()) sum += Math.abs(value - (b.data[i] as number));
  return sum / a.data.length;
}

Deno.test("SceneChangeDetector finds a cut in a pan that moves as much from frame to frame as the cut changes", () => {
  const watch = new SceneChangeDetector();
  const seen = (seed: number, shift: number) => {
    const [width, height] = [64, 48];
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [Math.floor(i / 3) % width + shift, Math.floor(i / 3 / width)];
      const column = createRandom(seed, Math.floor(x / 6), Math.floor(y / 6), i % 3)();
      data[i] = (seed === 1 ? 60 : 0) + 190 * column;
    }
    return { data, width, height };
  };
  for (let i = 0; i < 6; i++) assert.equal(watch.next(seen(1, 4 * i)), "motion", `frame ${i}`);
  assert.equal(watch.next(seen(2, 24)), "cut");
  for (let i = 7; i < 10; i++) assert.equal(watch.next(seen(2, 4 * i)), "motion", `frame ${i}`);
});
