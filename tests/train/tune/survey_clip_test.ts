import assert from "node:assert/strict";
import { basename } from "node:path";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { surveyClip } from "../../../src/train/tune/survey_clip.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { SHAKY_SPEED, writeShakyClip } from "../../helpers/shaky_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("surveyClip finds the moments at which a clip stands still, and how fast it moves elsewhere", async () => {
  await using folder = await temporaryFolder();
  const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 4 });
  const { moments, speed, noise } = await surveyClip(clip, { directory: folder.file("moments") });
  const numbers = moments.map((path) => Number(basename(path, ".png")));
  assert.equal(numbers.length, 4);
  for (const [pause, number] of numbers.entries()) assert.ok(number >= 14 * pause && number < 14 * pause + 8);
  assert.ok(Math.abs(speed - SHAKY_SPEED) < 1.5, `${speed}`);
  assert.ok(noise < 2, `${noise}`);
  const [first = ""] = moments;
  const { data } = renderClouds({ width: 128, height: 96 });
  (await readPicture(first)).data.forEach((value, i) => assert.ok(Math.abs(value - (data[i] ?? NaN)) <= 2));
});

Deno.test("surveyClip finds no sharp moment in a clip that never stands still", async () => {
  await using folder = await temporaryFolder();
  const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 0 });
  const { moments, speed } = await surveyClip(clip, { directory: folder.file("moments") });
  assert.deepEqual(moments, []);
  assert.ok(Math.abs(speed - SHAKY_SPEED) < 1.5, `${speed}`);
});

Deno.test("surveyClip looks at the part of the clip that is asked for, and ends with the signal's reason", async () => {
  await using folder = await temporaryFolder();
  const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 4 });
  const part = { directory: folder.file("moments"), start: 14 / 25, duration: 28 / 25 };
  assert.equal((await surveyClip(clip, part)).moments.length, 2);
  const reason = new Error("enough");
  await assert.rejects(surveyClip(clip, { ...part, signal: AbortSignal.abort(reason) }), reason);
});
