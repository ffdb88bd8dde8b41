import assert from "node:assert/strict";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { workplace } from "../../helpers/deblur_workplace.ts";
import { makeClip } from "../../helpers/make_clip.ts";

Deno.test("dryRun prints streams, work, time and memory, and writes nothing", async () => {
  await using place = await workplace();
  await makeClip(place.file("clip.mp4"), { audioSeconds: 0.4 });
  const before = await place.names();
  const args = [place.file("clip.mp4"), "-o", place.file("new") + "/", "--dry-run"];
  const { code, stdout, stderr } = await place.deblur(args);
  assert.deepEqual([code, stderr], [0, ""]);
  for (
    const line of [
      /clip\.mp4 -> .*new\/clip\.deblurred\.mp4$/m,
      /stream 0: video h264 48x32$/m,
      /stream 1: audio aac 48000 Hz$/m,
      /frames: 10 of 48x32$/m,
      /work: [\d.]+ GMAC a frame on cpu$/m,
      /time: at most [\d.]+ s a frame, \d+:\d\d in all; less where little moves$/m,
      /memory: at least \d+ MiB$/m,
    ]
  ) assert.match(stdout, line);
  const plan = JSON.parse((await place.deblur([...args, "--json"])).stdout);
  assert.equal(plan.frames, 10);
  assert.ok(plan.leastMemory > 1e6 && plan.secondsPerFrame > 0 && plan.macsPerFrame > 0);
  assert.ok(Math.abs(plan.seconds - 10 * plan.secondsPerFrame) < 1e-9);
  assert.deepEqual(await place.names(), before);
});

Deno.test("dryRun says that the output exists, unless it may be replaced", async () => {
  await using place = await workplace();
  await writeFile(place.file("clip.deblurred.mp4"), "mine");
  const args = [place.file("clip.mp4"), "--dry-run"];
  const { code, stdout } = await place.deblur(args);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^ +would fail: .*clip\.deblurred\.mp4: The output exists\. .*--overwrite$/m,
  );
  assert.match(JSON.parse((await place.deblur([...args, "--json"])).stdout).refusal, /The output exists/);
  assert.doesNotMatch((await place.deblur([...args, "--overwrite"])).stdout, /would fail/);
});

Deno.test("dryRun says what the size of a file shows to be missing", async () => {
  await using place = await workplace();
  const clip = place.file("cut.mkv");
  await makeClip(clip, { pts: Array.from({ length: 60 }, (_, i) => i) });
  await truncate(clip, Math.floor((await readFile(clip)).length * 0.9));
  const { code, stdout } = await place.deblur([clip, "--dry-run"]);
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}damage: The file is truncated: its last \d+ bytes are missing$/m);
  assert.match(JSON.parse((await place.deblur([clip, "--dry-run", "--json"])).stdout).damage, /truncated/);
});

Deno.test("dryRun: what does not fit --memory is refused with both amounts, as the job would be", async () => {
  await using place = await workplace();
  for (const flags of [["--dry-run"], []]) {
    const { code, stdout, stderr } = await place.deblur([
      place.file("clip.mp4"),
      "--memory",
      "100M",
      ...flags,
    ]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /^[^\n]*Pictures of 48x32 take at least \d+ MiB of memory, and 100 MiB may be used[^\n]*\n$/,
    );
  }
  assert.deepEqual(await place.names(), ["clip.mp4", "smoke.safetensors"]);
});
