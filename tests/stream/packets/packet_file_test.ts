import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { createSegment } from "../../../src/stream/segments/segment_video.ts";
import { PacketFileReader } from "../../../src/stream/packets/packet_file_reader.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

async function packetFile() {
  const folder = await temporaryFolder();
  await makeClip(folder.file("clip.mp4"));
  const path = folder.file("0.segment");
  await using source = await openVideo(folder.file("clip.mp4"));
  await using sink = await createSegment(path, {
    template: source.info,
    copy: { path: folder.file("clip.mp4") },
    path: "out.mp4",
    encoder: { threads: 1 },
  });
  await source.frames.pipeTo(sink.frames);
  return { path, folder, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

Deno.test("PacketFileReader: gives the packets as they were written, and what is known of all of them", async () => {
  await using made = await packetFile();
  await using file = await PacketFileReader.open(made.path);
  assert.deepEqual([file.head.width, file.head.height], [48, 32]);
  assert.ok(file.head.extradata.length > 0);
  const packets = await Array.fromAsync(file.packets());
  assert.equal(packets.length, 10);
  assert.equal(new Set(packets.map(({ pts }) => pts)).size, 10);
  assert.equal(packets[0]?.flags, 1, "the first is a keyframe");
  assert.ok(packets.every(({ duration, data }) => duration > 0n && data.length > 0));
  const { packets: count, reordered } = await file.readEnd();
  assert.equal(count, 10);
  assert.ok(reordered >= 1 && reordered <= 3, `reordered ${reordered}`);
});

Deno.test("PacketFileReader: refuses a file that was cut at any byte, or of which a length or count was changed", async () => {
  await using made = await packetFile();
  const whole = await readFile(made.path);
  const refused = async (bytes: Uint8Array): Promise<boolean> => {
    await writeFile(made.path, bytes);
    try {
      await using file = await PacketFileReader.open(made.path);
      await file.readEnd();
      for await (const _packet of file.packets()) { /* read to the end */ }
      return false;
    } catch (error) {
      assert.ok(error instanceof Error && error.name === "MediaError", String(error));
      return true;
    }
  };
  assert.equal(await refused(whole), false);
  for (let length = 0; length < whole.length; length += 1 + Math.floor(whole.length / 200)) {
    assert.ok(await refused(whole.subarray(0, length)), `cut at ${length} bytes`);
  }
  for (const at of [0, 7, 8, 9, 12, whole.length - 69, whole.length - 68, whole.length - 64]) {
    const changed = new Uint8Array(whole);
    changed[at] = (changed[at] ?? 0) ^ 0xff;
    assert.ok(await refused(changed), `byte ${at} changed`);
  }
});
