import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, copyFile, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { deblur } from "../../src/deblur.ts";
import { OptionError } from "../../src/errors.ts";
import { restoreInSegments, type RestoreInSegmentsOptions, runHere } from "../../src/jobs/mod.ts";
import type { Engine } from "../../src/model/engine/engine.ts";
import { openVideo } from "../../src/stream/decode/open_video.ts";
import { createVideo } from "../../src/stream/encode/create_video.ts";
import { assertFramesEqual, collectFrames } from "../helpers/collect_frames.ts";
import { likeSource } from "../helpers/copy_video.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { makeVariedClip, SEGMENT_TEST } from "../helpers/segment_test.ts";
import { tellingEngine } from "../helpers/telling_engine.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { PERMISSIONS } from "../helpers/permissions.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/segment_job.ts", import.meta.url));

async function workplace() {
  const folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  await makeVariedClip(input, { audioSeconds: 4 });
  const run = async (
    output: string,
    options: Partial<RestoreInSegmentsOptions> = {},
    engine: Engine = tellingEngine(),
  ) => {
    await using source = await openVideo(input);
    const all = { ...SEGMENT_TEST, ...options };
    const result = await restoreInSegments(
      source,
      output,
      runHere(input, () => Promise.resolve(engine)),
      all,
    );
    assert.ok("report" in result);
    return result.report;
  };
  return { ...folder, input, run, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

/** An engine that fails, or does what `act` does, at a picture. */
function engineThatStops(at: number, act: () => void): Engine {
  let pictures = 0;
  return tellingEngine(() => {
    if (++pictures === at) act();
  });
}

Deno.test("restoreInSegments: every frame is restored as in one piece: same neighbours, same moving parts", async () => {
  await using place = await workplace();
  const whole = place.file("whole.mkv");
  await using source = await openVideo(place.input);
  await using sink = await createVideo(whole, { ...likeSource(source.info), codec: "ffv1" });
  const direct = await deblur(source, sink, tellingEngine());
  const progress: number[] = [];
  const report = await place.run(place.file("out.mkv"), {
    onProgress: (told) => void (told.kind === "frame" && progress.push(told.done)),
  });
  assertFramesEqual(await collectFrames(place.file("out.mkv")), await collectFrames(whole), 0);
  assert.equal(report.frames, 100);
  assert.ok(Math.abs(report.stillShare - direct.stillShare) < 1e-9);
  assert.equal(progress.at(-1), 100);
  assert.ok(progress.every((done, i) => i === 0 || done >= (progress[i - 1] ?? 0)), "progress goes back");
  assert.deepEqual((await readdir(place.path)).sort(), ["in.mkv", "out.mkv", "whole.mkv"]);
});

Deno.test("restoreInSegments: a part of a video, from a time on, is what --start gives in one piece", async () => {
  await using place = await workplace();
  const range = { start: 1.3, duration: 2.1 };
  await using source = await openVideo(place.input, range);
  await using sink = await createVideo(place.file("whole.mkv"), {
    ...likeSource(source.info),
    codec: "ffv1",
  });
  await deblur(source, sink, tellingEngine());
  await using again = await openVideo(place.input, range);
  const settings = { ...SEGMENT_TEST.settings, ...range };
  const runner = runHere(place.input, () => Promise.resolve(tellingEngine()));
  await restoreInSegments(again, place.file("out.mkv"), runner, { ...SEGMENT_TEST, settings });
  const expected = await collectFrames(place.file("whole.mkv"));
  assertFramesEqual(await collectFrames(place.file("out.mkv")), expected, 0);
});

Deno.test("restoreInSegments: killed at any moment it goes on, loses no segment, and writes the same bytes", async () => {
  await using place = await workplace();
  const output = place.file("killed.mkv");
  const start = () =>
    spawn(Deno.execPath(), ["run", "--quiet", "--no-prompt", ...PERMISSIONS, PROGRAM, place.input, output], {
      detached: true,
      stdio: ["ignore", "ignore", "inherit"],
    });
  const done = async () =>
    (await readdir(`${output}.part`).catch(() => [])).filter((name) => /^\d+\.json$/.test(name));
  const kills = Number(Deno.env.get("MTDN_TEST_KILLS") ?? 6);
  let [before, survived]: [string[], number] = [[], 0];
  for (let i = 0; i < kills; i++) {
    const child = start();
    const ended = once(child, "close");
    const enough = new AbortController();
    // Somewhere between the start of the process and its end, wherever this machine happens to be by then.
    await Promise.race([
      ended,
      delay(200 + (i * 397) % 1100, undefined, { signal: enough.signal }).catch(() => {}),
    ]);
    enough.abort();
    if (child.exitCode !== null) {
      await rm(output);
      before = [];
      continue;
    }
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await ended;
    survived++;
    const now = await done();
    const isComplete = await readFile(output).then(() => true, () => false);
    if (!isComplete) assert.deepEqual(before.filter((name) => !now.includes(name)), [], "a segment is lost");
    else {
      // It was killed while it removed what the output has made superfluous.
      await rm(output);
      await rm(`${output}.part`, { recursive: true, force: true });
    }
    before = isComplete ? [] : now;
  }
  assert.ok(survived > 0, "no process was killed");
  const last = start();
  assert.deepEqual(await once(last, "close"), [0, null]);
  await place.run(place.file("whole.mkv"));
  assert.ok((await readFile(output)).equals(await readFile(place.file("whole.mkv"))), "the bytes differ");
  assert.deepEqual((await readdir(place.path)).sort(), ["in.mkv", "killed.mkv", "whole.mkv"]);
});

Deno.test("restoreInSegments: a failure keeps what is done; the next run does the rest, and damaged segments again", async () => {
  await using place = await workplace();
  const output = place.file("out.mkv");
  const failing = engineThatStops(60, () => {
    throw new Error("the device is gone");
  });
  await assert.rejects(place.run(output, {}, failing), { message: "the device is gone" });
  const files = (await readdir(`${output}.part`)).sort();
  const done = files.filter((name) => name.endsWith(".json")).length - 1;
  assert.ok(done >= 2, `${files}`);
  await appendFile(`${output}.part/000001.segment`, "x");
  const told: number[][] = [];
  let pictures = 0;
  const counting = tellingEngine(() => void pictures++);
  await place.run(output, { onSegments: (all, now) => told.push([all, now]) }, counting);
  assert.deepEqual(told[0], [7, done - 1]);
  assert.deepEqual(told.at(-1), [7, 7]);
  assert.ok(pictures <= 100 - 14 * (done - 1), `${pictures} pictures were restored again`);
  await place.run(place.file("whole.mkv"));
  assert.ok((await readFile(output)).equals(await readFile(place.file("whole.mkv"))));
});

Deno.test("restoreInSegments: a segment that is damaged while others are done is done again before the join", async () => {
  await using place = await workplace();
  const output = place.file("out.mkv");
  let isDamaged = false;
  await place.run(output, {
    async onProgress(progress) {
      if (isDamaged || progress.kind !== "frame" || progress.done < 50) return;
      isDamaged = true;
      await writeFile(`${output}.part/000000.segment`, "damaged");
    },
  });
  assert.ok(isDamaged);
  await place.run(place.file("whole.mkv"));
  assert.ok((await readFile(output)).equals(await readFile(place.file("whole.mkv"))));
});

Deno.test("restoreInSegments: an input that changes during the job fails it, and nothing gets the output's name", async () => {
  await using place = await workplace();
  const output = place.file("out.mkv");
  const changing = engineThatStops(60, () => void utimes(place.input, 1, 1));
  await assert.rejects(place.run(output, {}, changing), {
    name: "MediaError",
    message: /in\.mkv: It changed during the job: the input was changed in the meantime/,
  });
  assert.deepEqual((await readdir(place.path)).sort(), ["in.mkv", "out.mkv.part"]);
});

Deno.test("restoreInSegments: an abort ends it with the reason, and keeps what is done", async () => {
  await using place = await workplace();
  const ending = new AbortController();
  const reason = new Error("enough");
  const engine = engineThatStops(40, () => ending.abort(reason));
  const running = place.run(place.file("out.mkv"), { signal: ending.signal }, engine);
  await assert.rejects(running, (error) => error === reason);
  const files = await readdir(place.file("out.mkv.part"));
  assert.ok(files.includes("000000.segment") && !files.some((name) => name.endsWith(".part")), `${files}`);
});

Deno.test({
  name:
    "restoreInSegments: a disk that is full at the join keeps every segment; with room the next run joins them",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using place = await workplace();
    const output = place.file("out.mkv");
    // No file may grow above 80 KiB (160 with some shells): a segment has 35, the video 240.
    const limited = ["-c", 'trap "" XFSZ; ulimit -f 160; exec "$@"', "sh", Deno.execPath()];
    const arguments_ = ["run", "--quiet", "--no-prompt", ...PERMISSIONS, PROGRAM, place.input, output];
    const child = spawn("sh", [...limited, ...arguments_], { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (text) => stderr += text);
    assert.deepEqual(await once(child, "close"), [1, null]);
    assert.match(stderr, /MediaError: .*joined\.mkv: Cannot .*: File too large/);
    const names = await readdir(`${output}.part`);
    assert.equal(names.filter((name) => /^\d+\.json$/.test(name)).length, 7, `${names}`);
    assert.ok(!names.some((name) => name.startsWith("joined")), `${names}`);
    const noEngine = engineThatStops(1, () => assert.fail("a segment is restored again"));
    await place.run(output, {}, noEngine);
    await place.run(place.file("whole.mkv"));
    assert.ok((await readFile(output)).equals(await readFile(place.file("whole.mkv"))));
  },
});

Deno.test("restoreInSegments: a folder removed in the middle fails in plain words, and leaves nothing", async () => {
  await using place = await workplace();
  const output = place.file("out.mkv");
  const removing = tellingEngine(() => rm(`${output}.part`, { recursive: true, force: true }));
  await assert.rejects(place.run(output, {}, removing), { name: "MediaError" });
  assert.deepEqual(await readdir(place.path), ["in.mkv"]);
});

Deno.test("restoreInSegments: a part that does not lie inside the picture is refused before any work", async () => {
  await using place = await workplace();
  const settings = { ...SEGMENT_TEST.settings, crop: { x: 100, y: 0, width: 64, height: 48 } };
  await assert.rejects(place.run(place.file("out.mkv"), { settings }), OptionError);
  assert.deepEqual(await readdir(place.path), ["in.mkv"]);
});

Deno.test("restoreInSegments: says why a video cannot be cut, and leaves nothing", async () => {
  await using place = await workplace();
  const input = place.file("clip.avi");
  await makeClip(input, { encoderOptions: { qp: "0", preset: "ultrafast", bf: "0" } });
  await copyFile(input, place.file("copy.avi"));
  await using source = await openVideo(input);
  const runner = runHere(input, () => Promise.reject(new Error("nothing is to be restored")));
  const result = await restoreInSegments(source, place.file("out.avi"), runner, SEGMENT_TEST);
  assert.deepEqual(result, { reason: "a file of avi does not say when each frame is shown" });
  assert.deepEqual((await readdir(place.path)).sort(), ["clip.avi", "copy.avi", "in.mkv"]);
});
