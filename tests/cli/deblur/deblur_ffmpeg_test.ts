import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findFfmpeg } from "../../../src/stream/process/find_ffmpeg.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { workplace } from "../../helpers/deblur_workplace.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { probeClip } from "../../helpers/probe_clip.ts";

const program = await findFfmpeg().catch(() => undefined);
const ignore = program === undefined;
const CONFIG = fileURLToPath(new URL("../../../deno.json", import.meta.url));

Deno.test({
  name: "deblur --ffmpeg: restores through a program of the user's own, and says what that changes",
  ignore,
  fn: async () => {
    await using place = await workplace();
    const [clip, output] = [place.file("clip.mp4"), place.file("clip.deblurred.mp4")];
    await makeClip(clip, { audioSeconds: 0.4 });
    const { code, stdout, stderr } = await place.deblur([clip, "--ffmpeg", program ?? "", "--json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const { frames, notes } = JSON.parse(stdout);
    assert.equal(frames, 10);
    assert.deepEqual(notes.length, 1);
    assert.ok(notes[0].startsWith(`Read and written by ${program}: `), notes[0]);
    assert.equal((await collectFrames(output)).length, 10);
    const [before, after] = [await probeClip(clip), await probeClip(output)];
    assert.deepEqual(after.streams[1]?.packets, before.streams[1]?.packets);
    const part = await place.deblur([clip, "--ffmpeg", "auto", "--duration", "0.2", "--dry-run", "--json"]);
    assert.equal(JSON.parse(part.stdout).frames, 5);
  },
});

Deno.test("deblur --ffmpeg: a program that is not there, or has no name, is one line", async () => {
  await using place = await workplace();
  const missing = await place.deblur([place.file("clip.mp4"), "--ffmpeg", "/no/such/ffmpeg"]);
  assert.deepEqual([missing.code, missing.stdout], [1, ""]);
  assert.match(missing.stderr, /^\/no\/such\/ffmpeg: There is no such program\. Install FFmpeg[^\n]*\n$/);
  const empty = await place.deblur([place.file("clip.mp4"), "--ffmpeg", ""]);
  assert.deepEqual(empty, {
    code: 2,
    stdout: "",
    stderr: 'Invalid value "" for --ffmpeg: expected the path of a program, or auto\n',
  });
});

Deno.test({
  name: "deblur --ffmpeg: the task deblur may not run it and says which may; deblur:ffmpeg does",
  ignore,
  fn: async () => {
    await using place = await workplace();
    const run = (task: string, flags: readonly string[]) =>
      promisify(execFile)(Deno.execPath(), [
        ...["task", "--quiet", "--config", CONFIG, task],
        ...["--device", "cpu", "--weights", place.weights, place.file("clip.mp4"), ...flags],
      ]);
    await assert.rejects(run("deblur", ["--ffmpeg", "auto"]), (error) => {
      assert.ok(error instanceof Error && "stderr" in error && "code" in error);
      assert.equal(error.code, 1);
      assert.match(
        String(error.stderr),
        /^[^\n]*ffmpeg: This program may not be run: Deno's permission is missing\. Use deno task deblur:ffmpeg, or --allow-run\n$/,
      );
      return true;
    });
    const { stderr } = await run("deblur:ffmpeg", []);
    assert.match(stderr, /clip\.deblurred\.mp4: 3 frames of 48x32, .*; Read and written by /);
    assert.equal((await collectFrames(place.file("clip.deblurred.mp4"))).length, 3);
  },
});
