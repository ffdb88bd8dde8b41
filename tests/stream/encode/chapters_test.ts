import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { execFile } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { OutputFormat } from "node-av/lib";
import fc from "fast-check";
import type { Frame } from "../../../src/frame.ts";
import { readChapters, writeChapters } from "../../../src/stream/encode/chapters.ts";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import type { ChapterList } from "../../../src/stream/layout/chapter.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { ffmpegProgram, testWithFfmpeg } from "../../helpers/ffmpeg_program.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** Made by ffmpeg: three chapters, both as Nero's list and as a track that the video names. */
const FIXTURE = new URL("../../fixtures/chapters.mov", import.meta.url);
const TITLES = [[0, "one"], [400, "two"], [700, "three"]];

async function chaptersOf(path: string): Promise<ChapterList> {
  await using opened = new AsyncDisposableStack();
  const container = opened.adopt(await openContainer(path), (container) => container.closeInput());
  return await readChapters(container, path);
}

/** Starts in milliseconds, and titles. */
function told({ chapters }: ChapterList): readonly (readonly [number, string])[] {
  return chapters.map(({ start, title }) => [Number(start / 1_000_000n), title]);
}

/** The frames, counted instead of timed: containers have units of their own. */
async function shown(path: string): Promise<Frame[]> {
  return (await collectFrames(path)).map((frame, i) => ({ ...frame, pts: BigInt(i) }));
}

async function give(path: string, list: ChapterList): Promise<boolean> {
  const format = OutputFormat.guessFormat(null, path, null);
  assert.ok(format);
  return await writeChapters(path, format, list);
}

Deno.test("createVideo: chapters are kept from container to container, and frames and sound stay where they are", async () => {
  await using folder = await temporaryFolder();
  const sound = folder.file("in.mp4");
  await makeClip(sound, { audioSeconds: 1, pts: Array.from({ length: 25 }, (_, i) => i) });
  assert.equal(await give(sound, await chaptersOf(FIXTURE.pathname)), true);
  let before = sound;
  for (const name of ["a.mkv", "b.mkv", "c.mp4", "d.mov", "e.webm"]) {
    const notes = await copyVideo(before, folder.file(name), { lossless: true });
    assert.doesNotMatch(notes.join(), /chapter/);
    assert.deepEqual(told(await chaptersOf(folder.file(name))), TITLES, name);
    assertFramesEqual(await shown(folder.file(name)), await shown(sound), name === "e.webm" ? 12 : 0);
    before = folder.file(name);
  }
  const avi = await copyVideo(sound, folder.file("f.avi"));
  assert.ok(avi.includes("Its 3 chapters are left out: avi cannot hold them"), avi.join());
});

Deno.test("createVideo: a part of a file has the chapters of that part, in its own time", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  await makeClip(input, { pts: Array.from({ length: 25 }, (_, i) => i) });
  assert.equal(await give(input, await chaptersOf(FIXTURE.pathname)), true);
  await copyVideo(input, folder.file("part.mkv"), { start: 0.48, duration: 0.2 });
  assert.deepEqual(told(await chaptersOf(folder.file("part.mkv"))), [[0, "two"]]);
  await copyVideo(input, folder.file("end.mkv"), { start: 0.48 });
  assert.deepEqual(told(await chaptersOf(folder.file("end.mkv"))), [[0, "two"], [220, "three"]]);
});

Deno.test("createVideo: all that a Matroska file says of its chapters stays, further languages and editions too", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mkv"), folder.file("out.mkv")];
  await makeClip(input, { pts: [0, 1, 2] });
  const display = (title: string, language: string) =>
    element([0x80], element([0x85], Buffer.from(title)), element([0x43, 0x7c], Buffer.from(language)));
  const atom = element(
    [0xb6],
    element([0x73, 0xc4], Buffer.of(7)),
    element([0x91], Buffer.of(0)),
    display("Eins", "ger"),
    display("One", "eng"),
  );
  const edition = element([0x45, 0xb9], atom);
  const matroska = Uint8Array.from(element([0x10, 0x43, 0xa7, 0x70], edition, edition));
  assert.equal(await give(input, { chapters: [{ start: 0n, title: "Eins" }], matroska }), true);
  await copyVideo(input, output);
  assert.deepEqual((await chaptersOf(output)).matroska, matroska);
});

testWithFfmpeg("writeChapters: an ffmpeg program finds the chapters and nothing wrong", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a.mp4", "a.mov", "a.mkv", "a.webm"]) {
    await copyVideo(FIXTURE.pathname, folder.file(name));
    const ask = (...args: string[]) =>
      promisify(execFile)(ffmpegProgram ?? "", ["-v", "warning", "-i", folder.file(name), ...args, "-"]);
    const { stdout } = await ask("-f", "ffmetadata");
    assert.deepEqual(stdout.match(/title=.*/g), ["title=one", "title=two", "title=three"], name);
    assert.equal((await ask("-f", "null")).stderr, "", name);
  }
});

Deno.test("readChapters: a MOV with a list of chapters, with a text track of them, and with neither", async () => {
  await using folder = await temporaryFolder();
  const variants = { both: [], track: ["chpl"], list: ["chap"], neither: ["chpl", "chap"] };
  for (const [name, renamed] of Object.entries(variants)) {
    const bytes = Buffer.from(await readFile(FIXTURE));
    for (const box of renamed) bytes.write("free", bytes.indexOf(box));
    await writeFile(folder.file(`${name}.mov`), bytes);
    assert.deepEqual(
      told(await chaptersOf(folder.file(`${name}.mov`))),
      name === "neither" ? [] : TITLES,
      name,
    );
  }
});

Deno.test("writeChapters: where there is no room nothing is written, and the file stays as it was", async () => {
  await using folder = await temporaryFolder();
  const [mkv, mp4] = [folder.file("a.mkv"), folder.file("a.mp4")];
  for (const path of [mkv, mp4]) await makeClip(path, { pts: [0, 1, 2] });
  const bytes = await readFile(mkv);
  bytes[bytes.indexOf(Buffer.of(0xec), 60)] = 0xbf; // the room behind the index
  await writeFile(mkv, bytes);
  const many = Array.from({ length: 256 }, (_, i) => ({ start: BigInt(i), title: `${i}` }));
  for (const path of [mkv, mp4]) {
    const before = await readFile(path);
    assert.equal(await give(path, { chapters: path === mp4 ? many : many.slice(0, 1) }), false, path);
    assert.deepEqual(await readFile(path), before);
  }
});

for (const name of ["chapters.mov", "chapters.mkv"]) {
  Deno.test(`readChapters: damaged bytes of a ${name} give some chapters, and never hang or throw`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(name);
    if (name === "chapters.mkv") await copyVideo(FIXTURE.pathname, path);
    else await copyFile(FIXTURE, path);
    const whole = await readFile(path);
    await using opened = new AsyncDisposableStack();
    const container = opened.adopt(await openContainer(path), (container) => container.closeInput());
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
    const property = fc.asyncProperty(damage, fc.nat(whole.length), async (places, length) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of places) bytes[at] = value;
      await writeFile(path, bytes.subarray(0, length));
      assert.ok((await readChapters(container, path)).chapters.length < 1000);
    });
    await fc.assert(property, { numRuns: 200 });
  });
}

/** An element of a Matroska file whose length takes one byte. */
function element(id: readonly number[], ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  assert.ok(content.length < 127);
  return Buffer.concat([Buffer.from([...id, 0x80 + content.length]), content]);
}
