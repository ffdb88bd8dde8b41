import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { open } from "node:fs/promises";
import { AV_CODEC_ID_HDMV_PGS_SUBTITLE, AVMEDIA_TYPE_SUBTITLE } from "node-av/constants";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { addStream, packetsOf } from "../../helpers/add_stream.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** A segment of PGS that ends a picture. */
const PGS = Buffer.of(0x80, 0, 0);

async function firstBytes(path: string): Promise<Buffer> {
  await using file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(400), 0, 400, 0);
  return buffer;
}

Deno.test("createVideo: PGS subtitles stay PGS in .m2ts and .mts, as cameras write them; .ts is said not to hold them", async () => {
  await using folder = await temporaryFolder();
  const [picture, input] = [folder.file("picture.mp4"), folder.file("in.mkv")];
  await makeClip(picture, { pts: Array.from({ length: 25 }, (_, i) => i) });
  await addStream(input, picture, {
    parameters: { codecType: AVMEDIA_TYPE_SUBTITLE, codecId: AV_CODEC_ID_HDMV_PGS_SUBTITLE },
    packets: [100, 300, 600].map((time) => ({ data: PGS, time, duration: 200 })),
  });
  for (const name of ["a.m2ts", "b.MTS", "c.mts"]) {
    const notes = await copyVideo(name === "c.mts" ? folder.file("a.m2ts") : input, folder.file(name));
    assert.doesNotMatch(notes.join(), /left out/, name);
    const container = await openContainer(folder.file(name));
    assert.equal(container.streams[1]?.codecpar.codecId, AV_CODEC_ID_HDMV_PGS_SUBTITLE, name);
    await container.closeInput();
    assert.equal((await packetsOf(folder.file(name), 1)).length, 3, name);
    const head = await firstBytes(folder.file(name));
    assert.deepEqual([head[4], head[196]], [0x47, 0x47], "packets behind four bytes of time");
  }
  const notes = await copyVideo(input, folder.file("d.ts"));
  assert.ok(
    notes.some((note) => /^Stream 1 \(subtitle hdmv_pgs_subtitle\) is left out: mpegts/.test(note)),
    notes.join(),
  );
});

Deno.test("createVideo: a .mts whose sound Blu-ray does not know is an ordinary transport stream, and keeps it", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("in.mp4"), { audioSeconds: 1, pts: Array.from({ length: 25 }, (_, i) => i) });
  assert.deepEqual(await copyVideo(folder.file("in.mp4"), folder.file("out.mts")), []);
  const head = await firstBytes(folder.file("out.mts"));
  assert.deepEqual([head[0], head[188]], [0x47, 0x47]);
});
