import assert from "node:assert/strict";
import { AV_PIX_FMT_YUVJ420P, FF_ENCODER_MJPEG } from "node-av/constants";
import { openVideo } from "../../src/stream/decode/open_video.ts";
import { copyVideo } from "../helpers/copy_video.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const MIB = 2 ** 20;

Deno.test("openVideo: pictures that do not fit the memory are refused before any is decoded, with both amounts", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("large.avi");
  await makeClip(path, {
    width: 6000,
    height: 6000,
    pts: [0],
    encoder: FF_ENCODER_MJPEG,
    encoderOptions: { q: "20" },
    pixelFormat: AV_PIX_FMT_YUVJ420P,
    generator: "color=gray:d=1:r=25",
  });
  const before = Deno.memoryUsage().rss;
  await assert.rejects(
    openVideo(path, { memory: 1024 * MIB }),
    /large\.avi: Pictures of 6000x6000 take at least \d\.\d GiB of memory, and 1\.0 GiB may be used\./,
  );
  const grown = Deno.memoryUsage().rss - before;
  assert.ok(grown < 40 * MIB, `${grown} bytes more: a decoded picture has 54 MB`);
  await assert.rejects(openVideo(path, { memory: 0 }), /memory must be a number of bytes above 0, not 0/);
});

Deno.test("createVideo: an encoder that looks less far ahead, to keep to the memory, says so", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { width: 640, height: 480, pts: [0, 1, 2] });
  assert.deepEqual(await copyVideo(input, output, { memory: 2048 * MIB }), []);
  const notes = await copyVideo(input, output, { memory: 530 * MIB, overwrite: true });
  assert.match(notes.join(), /The encoder looks \d+ frames ahead, to keep to the memory: the file is larger/);
  await assert.rejects(
    copyVideo(input, output, { memory: 460 * MIB, codec: "hevc", overwrite: true }),
    /Pictures of 640x480 take at least \d+ MiB/,
  );
});
