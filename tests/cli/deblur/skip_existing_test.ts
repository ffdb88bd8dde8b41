import assert from "node:assert/strict";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { workplace } from "../../helpers/deblur_workplace.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { shadedPng } from "../../helpers/make_picture.ts";

Deno.test("deblur --skip-existing: another run on a folder restores what is new, and says what it passes over", async () => {
  await using place = await workplace();
  await mkdir(place.file("in"));
  await makeClip(place.file("in/a.mp4"), { pts: [0] });
  const run = (...flags: string[]) =>
    place.deblur([place.file("in"), "-o", `${place.file("out")}/`, "--skip-existing", ...flags]);
  assert.equal((await run()).code, 0);
  const before = await stat(place.file("out/a.deblurred.mp4"));
  await makeClip(place.file("in/b.mp4"), { pts: [0] });
  const again = await run("--json");
  assert.equal(again.code, 0, again.stderr);
  const told = again.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(told.map(({ input, skipped, frames }) => [input, skipped, frames]), [
    [place.file("in/a.mp4"), true, undefined],
    [place.file("in/b.mp4"), undefined, 1],
  ]);
  assert.equal((await stat(place.file("out/a.deblurred.mp4"))).mtimeMs, before.mtimeMs);
  const last = await run();
  assert.deepEqual([last.code, last.stdout], [0, ""]);
  assert.match(last.stderr, /in\/a\.mp4: skipped, .*a\.deblurred\.mp4 exists\n/);
});

Deno.test("deblur: a gap in a numbered sequence is said, and --codec h265 is hevc", async () => {
  await using place = await workplace();
  await mkdir(place.file("shots"));
  for (const i of [1, 2, 5]) await writeFile(place.file(`shots/${i}.png`), await shadedPng(16, 16, i));
  const { code, stderr } = await place.deblur([place.file("shots")]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /2 numbers of the sequence are missing: 2 between 2\.png and 5\.png/);
  await makeClip(place.file("large.mp4"), { width: 64, height: 64, pts: [0, 1, 2] });
  const made = await place.deblur([place.file("large.mp4"), "--codec", "h265", "--dry-run"]);
  assert.equal(made.code, 0, made.stderr);
});
