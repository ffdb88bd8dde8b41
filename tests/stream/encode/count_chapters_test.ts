import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("createVideo: chapters, which it cannot write, are named", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { pts: [0, 1, 2] });
  assert.deepEqual(await copyVideo(input, folder.file("none.mp4")), []);
  await writeFile(input, withChapters(await readFile(input), ["one", "two"]));
  const notes = await copyVideo(input, folder.file("out.mp4"));
  assert.deepEqual(notes, ["Its 2 chapters are left out: they cannot be written yet"]);
});

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
