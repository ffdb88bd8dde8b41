import assert from "node:assert/strict";
import { readFrameTimes } from "../../../src/stream/decode/read_frame_times.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("readFrameTimes gives the times of the frames that decoding gives: B-frames, uneven times, a late beginning", async () => {
  await using folder = await temporaryFolder();
  const uneven = [0, 1, 2, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];
  for (
    const [name, pts] of [["a.mp4", uneven], ["b.mkv", uneven], [
      "c.ts",
      uneven.map((time) => time + 50),
    ]] as const
  ) {
    const path = folder.file(name);
    await makeClip(path, { pts: [...pts], gop: 6 });
    await using source = await openMedia(path);
    const { timeBase: { num, den }, beginning = 0 } = source.info;
    const decoded: number[] = [];
    for await (const { pts } of source.frames) decoded.push(Number(pts) * num / den - beginning);
    const read = await readFrameTimes(path);
    assert.equal(read?.length, decoded.length, name);
    decoded.forEach((time, i) =>
      assert.ok(Math.abs(time - (read?.[i] ?? NaN)) < 1e-6, `${name}, frame ${i}`)
    );
  }
});

Deno.test("readFrameTimes stops when it is told to, and names what it cannot read", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("a.mp4"), { pts: [0, 1, 2] });
  const reason = new DOMException("Enough", "AbortError");
  await assert.rejects(readFrameTimes(folder.file("a.mp4"), AbortSignal.abort(reason)), {
    name: "AbortError",
  });
  await assert.rejects(readFrameTimes(folder.file("none.mp4")), /none\.mp4/);
});
