import assert from "node:assert/strict";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { MediaError } from "../../src/errors.ts";
import { openVideo } from "../../src/stream/open_video.ts";
import { collectFrames } from "../helpers/collect_frames.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

for (
  const [extension, muxerOptions] of [["mp4", { movflags: "faststart" }], ["mkv", {}], ["avi", {}]] as const
) {
  Deno.test(`openVideo: a .${extension} cut off in the middle gives what decodes and tells the loss`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i), muxerOptions });
    await truncate(path, Math.round((await stat(path)).size * 0.6));
    await using source = await openVideo(path);
    const frames = await Array.fromAsync(source.frames);
    assert.ok(frames.length > 20 && frames.length < 90, `${frames.length} frames`);
    const loss = extension === "avi" ? /cut off|damaged/ : /cut off: its last [\d.]+ s are missing/;
    assert.match(source.damage ?? "", loss);
  });
}

Deno.test("openVideo: a whole file has no damage", async () => {
  await using folder = await temporaryFolder();
  for (const extension of ["mp4", "mkv", "ts", "avi"]) {
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 30 }, (_, i) => i) });
    await using source = await openVideo(path);
    assert.equal((await Array.fromAsync(source.frames)).length, 30);
    assert.equal(source.damage, undefined);
  }
});

Deno.test("openVideo: damaged bytes never crash it: it ends, with frames or with a MediaError", async () => {
  await using folder = await temporaryFolder();
  const [clip, broken] = [folder.file("clip.mp4"), folder.file("broken.mp4")];
  await makeClip(clip, { pts: Array.from({ length: 12 }, (_, i) => i) });
  const bytes = await readFile(clip);
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(damage, async (places) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of places) copy[at] = value;
      await writeFile(broken, copy);
      const attempt = collectFrames(broken, { maxPixels: 1e6 });
      await attempt.catch((error) => assert.ok(error instanceof MediaError, String(error)));
    }),
    { numRuns: 60 },
  );
});
