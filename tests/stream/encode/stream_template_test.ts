import assert from "node:assert/strict";
import { plainTemplate, templateOf } from "../../../src/stream/encode/stream_template.ts";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { videoStream } from "../../../src/stream/ffmpeg/video_stream.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("templateOf: times, rate and pixel shape of a stream, exactly", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mkv");
  await makeClip(path, { sampleAspect: [4, 3] });
  await using opened = new AsyncDisposableStack();
  const container = opened.adopt(await openContainer(path), (container) => container.closeInput());
  const frames = { width: 48, height: 32, timeBase: { num: 1, den: 1000 } };
  const { timeBase, frameRate, sampleAspect } = templateOf(videoStream(container, path), frames);
  const numbers = [timeBase, frameRate, sampleAspect].map(({ num, den }) => `${num}/${den}`);
  assert.deepEqual(numbers, ["1/1000", "25/1", "4/3"]);
});

Deno.test("plainTemplate: square pixels, and the rate to a thousandth; 25 where nothing says it", () => {
  const template = { width: 32, height: 16, timeBase: { num: 1, den: 90_000 } };
  const { samples, timeBase, frameRate, sampleAspect } = plainTemplate({ ...template, frameRate: 29.97 });
  assert.deepEqual([samples.pixelFormat, samples.range, timeBase.den], ["yuv420p", "unspecified", 90_000]);
  assert.equal(frameRate.num / frameRate.den, 29.97);
  assert.deepEqual([sampleAspect.num, sampleAspect.den], [1, 1]);
  const guessed = plainTemplate(template).frameRate;
  assert.equal(guessed.num / guessed.den, 25);
});
