import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import sharp from "sharp";
import { copyMedia } from "../../helpers/copy_media.ts";
import { codedFrames } from "../../helpers/coded_samples.ts";
import { workplace } from "../../helpers/deblur_workplace.ts";
import { probeClip } from "../../helpers/probe_clip.ts";

/** A folder of four numbered pictures of one colour. */
async function pictures(folder: string, bits: 8 | 16 = 8, orientation = 1): Promise<string> {
  await mkdir(folder);
  for (let i = 0; i < 4; i++) {
    const samples = bits === 16 ? new Uint16Array(64 * 48 * 3) : new Uint8Array(64 * 48 * 3);
    samples.fill((40 + 20 * i) * (bits === 16 ? 257 : 1));
    await sharp(samples, { raw: { width: 64, height: 48, channels: 3 } })
      .toColourspace(bits === 16 ? "rgb16" : "srgb").withMetadata({ orientation }).png().toFile(
        `${folder}/${i}.png`,
      );
  }
  return folder;
}

Deno.test("deblur FOLDER -o clip.mp4 --fps: pictures become a video of that rate, tagged as BT.709", async () => {
  await using place = await workplace();
  const [folder, output] = [await pictures(place.file("shots")), place.file("made.mp4")];
  const { code, stderr } = await place.deblur([folder, "-o", output, "--fps", "23.976", "--crf", "10"]);
  assert.equal(code, 0, stderr);
  const [video] = (await probeClip(output)).streams;
  assert.deepEqual(video?.times.map((time) => Math.round(1e4 * time)), [0, 417, 834, 1251]);
  const frames = await codedFrames(output);
  assert.deepEqual([frames[0]?.pixelFormat, frames[0]?.matrix, frames[0]?.transfer], ["yuv420p", 1, 1]);
  assert.equal(frames.length, 4);
});

Deno.test("createOutput: pictures as a video keep their colours, in limited range", async () => {
  await using place = await workplace();
  const output = place.file("made.mkv");
  await copyMedia(await pictures(place.file("shots")), output);
  const frames = await codedFrames(output);
  assert.deepEqual(
    frames.map(({ samples }) => samples[0]),
    [40, 60, 80, 100].map((grey) => Math.round(16 + 219 * grey / 255)),
  );
});

Deno.test("deblur FOLDER -o clip.mkv: pictures of 16 bits become a video of 10", async () => {
  await using place = await workplace();
  const folder = await pictures(place.file("shots"), 16);
  assert.equal((await place.deblur([folder, "-o", place.file("clip.mkv"), "--codec", "ffv1"])).code, 0);
  const frames = await codedFrames(place.file("clip.mkv"));
  assert.deepEqual(frames.map(({ pixelFormat }) => pixelFormat), Array(4).fill("yuv420p10le"));
});

Deno.test("deblur FOLDER -o clip.mp4: pictures that EXIF turns are refused, and --fps does nothing for a video", async () => {
  await using place = await workplace();
  const turned = await pictures(place.file("turned"), 8, 6);
  const refused = await place.deblur([turned, "-o", place.file("clip.mkv")]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /turned by EXIF tags, which a video does not have\. Turn them first/);
  const clip = await place.deblur([place.file("clip.mp4"), "--fps", "30"]);
  assert.deepEqual([clip.code, /--fps does nothing for a video/.test(clip.stderr)], [2, true]);
});
