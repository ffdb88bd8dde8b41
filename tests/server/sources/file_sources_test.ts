import assert from "node:assert/strict";
import { join } from "node:path";
import { openCatalog } from "../../../src/server/sources/catalog.ts";
import { FileSources } from "../../../src/server/sources/file_sources.ts";
import { readFrameTimes } from "../../../src/stream/decode/read_frame_times.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { contextOf, SETTINGS } from "../../helpers/preview/fake_server.ts";

const READING = { openMedia, readFrameTimes };

Deno.test("a playback of a real video seeks and steps exactly: B-frames, uneven times and a quarter turn included", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // The luma of frame t is 40 + 10 t all over, which says which frame one got.
    const pts = [0, 1, 2, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];
    const sample = (plane: number, _x: number, _y: number, t: number) => plane === 0 ? 40 + 10 * t : 128;
    await makeClip(join(folder, "clip.mp4"), { pts, gop: 6, rotated: true, sample });
    let times: Promise<unknown> = Promise.resolve();
    const sources = new FileSources(await openCatalog(folder), {
      openMedia,
      readFrameTimes: (...args) => {
        const reading = readFrameTimes(...args);
        times = reading;
        return reading;
      },
    });
    const [entry] = await sources.list();
    const playback = await sources.open(entry?.id ?? "", contextOf());
    await times; // a step back over uneven times needs them
    const shown = async () => {
      const { pictures: [blurry], width, height } = await playback.next(() => SETTINGS);
      assert.deepEqual([width, height], [32, 48], "turned as a player turns it");
      const level = blurry?.picture.data[0] ?? 0;
      return Math.round((level * 219 / 255 + 16 - 40) / 10);
    };
    assert.equal(await shown(), 0);
    for (const frame of [7, 2, 14, 5, 4, 0, 13]) {
      playback.seek((pts[frame] ?? 0) / 25);
      assert.equal(await shown(), frame, `seek to frame ${frame}`);
    }
    playback.seek(6.4 / 25);
    assert.equal(await shown(), 4, "between two frames the earlier one is on show");
    for (const [by, frame] of [[1, 5], [1, 6], [-1, 5], [-1, 4], [-1, 3], [-1, 2]] as const) {
      playback.step(by);
      assert.equal(await shown(), frame, `step to frame ${frame}`);
    }
    await playback[Symbol.asyncDispose]();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a playback of a broken video says so, with its name and without its folder", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.writeFile(join(folder, "broken.mp4"), crypto.getRandomValues(new Uint8Array(5000)));
    const sources = new FileSources(await openCatalog(folder), READING);
    const [entry] = await sources.list();
    const error = await sources.open(entry?.id ?? "", contextOf()).then(
      () => assert.fail("was opened"),
      (error) => sources.explain(error),
    );
    assert.match(error, /^broken\.mp4: /);
    assert.ok(!error.includes(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
