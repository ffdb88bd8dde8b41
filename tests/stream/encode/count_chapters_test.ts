import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { countChapters } from "../../../src/stream/encode/count_chapters.ts";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("createVideo: chapters, which it cannot write, are counted in a note", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { pts: [0, 1, 2] });
  assert.deepEqual(await copyVideo(input, folder.file("none.mp4")), []);
  await writeFile(input, withChapters(await readFile(input), ["one", "two"]));
  const notes = await copyVideo(input, folder.file("out.mp4"));
  assert.deepEqual(notes, ["Its 2 chapters are left out: they cannot be written yet"]);
});

async function chaptersOf(path: string): Promise<number> {
  await using opened = new AsyncDisposableStack();
  const container = opened.adopt(await openContainer(path), (container) => container.closeInput());
  return await countChapters(container, path);
}

Deno.test("countChapters: a MOV with a list of chapters, with a text track of them, and with neither", async () => {
  await using folder = await temporaryFolder();
  // Made by ffmpeg: three chapters, both as Nero's list and as a track that the video names.
  const both = await readFile(new URL("../../fixtures/chapters.mov", import.meta.url));
  const variants = { both: [], track: ["chpl"], list: ["chap"], neither: ["chpl", "chap"] };
  const counts: Record<string, number> = {};
  for (const [name, renamed] of Object.entries(variants)) {
    const bytes = Buffer.from(both);
    for (const box of renamed) bytes.write("free", bytes.indexOf(box));
    await writeFile(folder.file(`${name}.mov`), bytes);
    counts[name] = await chaptersOf(folder.file(`${name}.mov`));
  }
  assert.deepEqual(counts, { both: 3, track: 3, list: 3, neither: 0 });
});

Deno.test("countChapters: the first edition of a Matroska file, wherever it is, in a segment of known length or not", async () => {
  await using folder = await temporaryFolder();
  const [input, path] = [folder.file("in.mkv"), folder.file("chapters.mkv")];
  await makeClip(input, { pts: [0, 1, 2] });
  assert.equal(await chaptersOf(input), 0);
  const bytes = await readFile(input);
  const atom = (uid: number) => element([0xb6], element([0x73, 0xc4], Buffer.from([uid])));
  const edition = (...uids: number[]) => element([0x45, 0xb9], Buffer.concat(uids.map(atom)));
  const chapters = element([0x10, 0x43, 0xa7, 0x70], Buffer.concat([edition(1, 2), edition(2, 1, 3)]));
  const segment = bytes.indexOf(Buffer.from([0x18, 0x53, 0x80, 0x67])) + 4;
  assert.equal(bytes[segment], 1, "a length of eight bytes");
  const length = bytes.readBigUInt64BE(segment);
  const whole = Buffer.concat([bytes, chapters]);
  for (const size of [length + BigInt(chapters.length), 0x01ff_ffff_ffff_ffffn]) {
    whole.writeBigUInt64BE(size, segment);
    await writeFile(path, whole);
    assert.equal(await chaptersOf(path), 2);
  }
});

Deno.test("countChapters: damaged bytes give some number, and never hang or throw", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("broken.mov");
  const whole = await readFile(new URL("../../fixtures/chapters.mov", import.meta.url));
  await using opened = new AsyncDisposableStack();
  await writeFile(path, whole);
  const container = opened.adopt(await openContainer(path), (container) => container.closeInput());
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
  const property = fc.asyncProperty(damage, fc.nat(whole.length), async (places, length) => {
    const bytes = Buffer.from(whole);
    for (const [at, value] of places) bytes[at] = value;
    await writeFile(path, bytes.subarray(0, length));
    assert.ok(await countChapters(container, path) >= 0);
  });
  await fc.assert(property, { numRuns: 200 });
});

/** An element of a Matroska file whose length takes one byte. */
function element(id: readonly number[], content: Buffer): Buffer {
  assert.ok(content.length < 127);
  return Buffer.concat([Buffer.from([...id, 0x80 + content.length]), content]);
}

/** An MP4 whose `moov`, which is its last box, has Nero's chapter list, a second for each title. */
function withChapters(file: Uint8Array, titles: readonly string[]): Uint8Array {
  const bytes = Buffer.from(file);
  const moov = bytes.lastIndexOf("moov") - 4;
  assert.equal(moov + bytes.readUInt32BE(moov), bytes.length, "moov is the last box");
  const entries = titles.map((title, i) => {
    const start = Buffer.alloc(9);
    start.writeBigUInt64BE(BigInt(i) * 10_000_000n);
    start[8] = title.length;
    return Buffer.concat([start, Buffer.from(title)]);
  });
  const list = box("chpl", Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, titles.length]), ...entries]));
  const extra = box("udta", list);
  bytes.writeUInt32BE(bytes.length - moov + extra.length, moov);
  return Buffer.concat([bytes, extra]);
}

function box(name: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(name, 4);
  return Buffer.concat([head, content]);
}
