import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { MediaError } from "../../../src/errors.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { untilDamage } from "../../../src/stream/until_damage.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { cameraJpeg, jpegParts } from "../../helpers/camera_jpeg.ts";
import { makePicture, PICTURE_HEIGHT, PICTURE_WIDTH, shadedPng } from "../../helpers/make_picture.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("openPicture: a picture says its size, as stored, and how it is rotated", async () => {
  await using folder = await temporaryFolder();
  await makePicture(folder.file("a.png"), { extension: "png", bits: 16, channels: 4, tagged: true });
  await using source = await openMedia(folder.file("a.png"));
  const { kind, width, height, rotation, frames, streams } = source.info;
  assert.deepEqual([kind, width, height, rotation, frames], [
    "picture",
    PICTURE_WIDTH,
    PICTURE_HEIGHT,
    90,
    1,
  ]);
  assert.deepEqual(streams, ["picture 37x21 16-bit RGB and opacity"]);
});

Deno.test("openPicture: damaged, huge and many-paged pictures are refused in one line", async () => {
  await using folder = await temporaryFolder();
  const [whole, cut, pages] = [folder.file("a.png"), folder.file("cut.png"), folder.file("pages.tiff")];
  await makePicture(whole, { extension: "png", bits: 8, channels: 3, tagged: false });
  const bytes = await Deno.readFile(whole);
  await writeFile(cut, bytes.subarray(0, bytes.length / 2));
  await assert.rejects(
    collectFrames(cut),
    (error) => error instanceof MediaError && /damaged/.test(error.message),
  );
  await assert.rejects(
    collectFrames(whole, { maxPixels: 100 }),
    (error) =>
      error instanceof MediaError && /at most 100 pixels/.test(error.message) &&
      !error.message.includes("\n"),
  );
  const two = await Promise.all([10, 200].map((shade) => shadedPng(8, 8, shade)));
  await sharp(two, { join: { animated: true } }).tiff().toFile(pages);
  await assert.rejects(openMedia(pages), /It holds 2 pictures\. Save each/);
});

Deno.test("openPicture: of what is cut off or damaged, the frame comes as far as it can be decoded, and then the damage", async () => {
  await using folder = await temporaryFolder();
  const whole = await cameraJpeg({});
  const half = Math.floor((jpegParts(whole).scan + whole.length) / 2);
  const faulty = whole.slice();
  faulty.set([0xff, 0x55], half);
  const cases = {
    "cut.jpg": whole.slice(0, half),
    "progressive.jpg": (await cameraJpeg({ progressive: true })).slice(0, -9),
    "faulty.jpg": faulty,
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const path = folder.file(name);
    await writeFile(path, bytes);
    await using source = await openMedia(path);
    const told: string[] = [];
    const frames = await Array.fromAsync(untilDamage(source.frames, ({ damage }) => told.push(damage)));
    assert.deepEqual(frames.map(({ width }) => width), [source.info.width], name);
    assert.match(told.join(), /^The (?:file is truncated|picture is damaged: .+)$/, name);
    assert.equal(source.damage, told.join(), name);
  }
  await using cut = await openMedia(folder.file("progressive.jpg"));
  assert.equal(cut.damage, "The file is truncated", "known before it is decoded");
});

Deno.test("openSequence: damaged pictures are named, and all others come", async () => {
  await using folder = await temporaryFolder();
  const whole = await cameraJpeg({});
  for (const i of [1, 2, 3, 4]) {
    await writeFile(folder.file(`${i}.jpg`), i % 2 === 0 ? whole.slice(0, -300) : whole);
  }
  await using source = await openMedia(folder.path);
  const told: string[] = [];
  const frames = await Array.fromAsync(untilDamage(source.frames, ({ damage }) => told.push(damage)));
  assert.equal(frames.length, 4);
  assert.match(told.join(), /^2\.jpg: The .*, and 1 more pictures are damaged$/);
});

Deno.test("openPicture: one that takes more memory than it may is refused before it is decoded", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("large.png");
  const create = { width: 12_000, height: 12_000, channels: 3, background: "grey" } as const;
  await sharp({ create }).png({ compressionLevel: 1 }).toFile(path);
  await assert.rejects(
    openMedia(path, { memory: 10 ** 9 }),
    /12000x12000 take at least .* 954 MiB may be used/,
  );
});

Deno.test("openSequence: aborting ends the frames with the reason, while it opens too; disposing ends them", async () => {
  await using folder = await temporaryFolder();
  for (let i = 0; i < 20; i++) await writeFile(folder.file(`${i}.png`), await shadedPng(64, 64, i));
  const reason = new Error("enough");
  const ending = new AbortController();
  const opening = openMedia(folder.path, { signal: ending.signal });
  ending.abort(reason);
  await assert.rejects(opening, reason);
  const later = new AbortController();
  await using source = await openMedia(folder.path, { signal: later.signal });
  const reader = source.frames.getReader();
  await reader.read();
  later.abort(reason);
  await assert.rejects(reader.read(), reason);
  const disposed = await openMedia(folder.path);
  await disposed[Symbol.asyncDispose]();
  await assert.rejects(disposed.frames.getReader().read(), /The source was disposed/);
});

Deno.test("openSequence: a range without a picture, or with impossible numbers, is refused", async () => {
  await using folder = await temporaryFolder();
  for (const i of [0, 1, 2]) await writeFile(folder.file(`${i}.png`), await shadedPng(4, 4, i));
  await assert.rejects(openMedia(folder.path, { start: 1 }), /None of its 3 pictures is in this range/);
  await assert.rejects(openMedia(folder.path, { start: -0.04 }), RangeError);
  await assert.rejects(openMedia(folder.path, { duration: NaN }), RangeError);
});

Deno.test("openSequence: the order of the numbers in the names is that of the frames", async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.file("in"));
  for (const number of [10, 9, 100, 1]) {
    await writeFile(folder.file(`in/f${number}.png`), await shadedPng(number, 3, number));
  }
  await using source = await openMedia(folder.file("in"));
  assert.deepEqual(source.info.pictures, ["f1.png", "f9.png", "f10.png", "f100.png"]);
  assert.deepEqual([source.info.kind, source.info.frames, source.info.seconds], ["sequence", 4, 0.16]);
  const frames = await Array.fromAsync(source.frames);
  assert.deepEqual(frames.map(({ width, pts }) => [width, pts]), [[1, 0n], [9, 1n], [10, 2n], [100, 3n]]);
});
