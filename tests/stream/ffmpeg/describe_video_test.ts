import assert from "node:assert/strict";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

for (const extension of ["mp4", "mkv"]) {
  Deno.test(`describeVideo: as many frames are expected of a .${extension} as come, whatever range is wanted`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 60 }, (_, i) => i) });
    for (
      const range of [
        {},
        { duration: 0.29 },
        { start: 0.1, duration: 0.29 },
        { start: 0.5, duration: 0.5 },
        { start: 2 },
        { start: 2.37, duration: 9 },
        { start: 7 },
      ]
    ) {
      await using source = await openVideo(path, range);
      const frames = await Array.fromAsync(source.frames);
      assert.equal(source.info.frames, frames.length, JSON.stringify(range));
    }
  });
}
