import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { FF_ENCODER_FFV1 } from "node-av/constants";
import type { FrameSource, OpenEngineOptions, Precision } from "../../../mod.ts";
import type { CommandIo } from "../../../src/cli/command_io.ts";
import { deblurCommand } from "../../../src/cli/deblur/deblur.ts";
import { parseDeblurFlags } from "../../../src/cli/deblur/deblur_flags.ts";
import { wantsSegments } from "../../../src/cli/deblur/segments.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { workplace } from "../../helpers/deblur_workplace.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { MEMORY_INFO } from "../../helpers/memory_media.ts";
import { tellingEngine } from "../../helpers/telling_engine.ts";

Deno.test("wantsSegments: long videos are cut, or what --segment says, but not where all is watched or kept in part", () => {
  const wants = (seconds: number, args: readonly string[] = [], other: Partial<FrameSource["info"]> = {}) =>
    wantsSegments(
      {
        info: { ...MEMORY_INFO, seconds, ...other },
        frames: new ReadableStream(),
        [Symbol.asyncDispose]: async () => {},
      },
      { output: "out.mp4" },
      parseDeblurFlags(["clip.mp4", ...args]),
    );
  assert.deepEqual([wants(61), wants(59)], [true, false]);
  assert.deepEqual([wants(59, ["--segment", "5"]), wants(3600, ["--segment", "0"])], [true, false]);
  for (const flag of ["--preview", "--keep-partial"]) assert.equal(wants(3600, [flag]), false);
  assert.equal(wants(3600, [], { kind: "live" }), false);
  assert.equal(wants(3600, [], { ffmpeg: { program: "ffmpeg", sampleAspect: "1/1" } }), false);
});

/**
 * Restores with an engine that needs no network; `stopAt` stops the command at that picture, as Ctrl-C does.
 *
 * @param auto What an engine computes with, where nothing else is asked for.
 */
async function restore(args: readonly string[], stopAt = Infinity, auto: Precision = "float32") {
  const ending = new AbortController();
  const said = { stdout: "", stderr: "" };
  let pictures = 0;
  const io: CommandIo = {
    stdout: (text) => said.stdout += text,
    stderr: (text) => said.stderr += text,
    isTerminal: false,
    signal: ending.signal,
  };
  const engine = tellingEngine(() => {
    if (++pictures === stopAt) ending.abort(new DOMException("Stopped by the user", "AbortError"));
  });
  const open = ({ precision = "auto" }: OpenEngineOptions) =>
    Promise.resolve({ ...engine, precision: precision === "auto" ? auto : precision });
  const code = await deblurCommand(args, io, open).catch((error) => {
    said.stderr += `${error.message}\n`;
    return 1;
  });
  return { code, pictures, ...said };
}

Deno.test("deblur --segment: stopped in the middle it says how to go on; the same command does the rest, to the same bytes", async () => {
  await using place = await workplace();
  const input = place.file("long.mp4");
  await makeClip(input, { pts: Array.from({ length: 60 }, (_, i) => i), audioSeconds: 2.4 });
  const args = [input, "--segment", "0.4", "--everywhere"];
  assert.equal((await restore([...args, "-o", place.file("whole.mp4"), "--quiet"])).code, 0);
  // A segment of 10 frames restores one more on each side, to fuse with: 11, 12, 12, 12, 12, 11.
  const stopped = await restore(args, 41);
  assert.match(
    stopped.stderr,
    /long\.deblurred\.mp4: 3 of 6 segments are done; the same command does the rest\nStopped/,
  );
  assert.ok((await readdir(place.path)).includes("long.deblurred.mp4.part"));
  const other = await restore([...args, "--detail", "2"]);
  assert.deepEqual([other.code, other.pictures], [1, 0]);
  assert.match(other.stderr, /unfinished work that does not fit: detail was 1, and is 2\..*--fresh/);
  const { code, stderr, stdout, pictures } = await restore([...args, "--json"]);
  assert.deepEqual([code, pictures], [0, 35], stderr);
  assert.match(stderr, /^\S*long\.deblurred\.mp4: continuing: 3 of 6 segments are done\n/);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.frames, report.output], [60, place.file("long.deblurred.mp4")]);
  const bytes = await readFile(place.file("long.deblurred.mp4"));
  assert.ok(bytes.equals(await readFile(place.file("whole.mp4"))), "the bytes differ");
  assert.deepEqual((await place.names()).filter((name) => name.includes(".part")), []);
});

Deno.test("deblur --segment: a job that was begun keeps its precision, whatever this machine would choose", async () => {
  await using place = await workplace();
  const input = place.file("long.mp4");
  await makeClip(input, { pts: Array.from({ length: 30 }, (_, i) => i) });
  const args = [input, "--segment", "0.4", "--everywhere"];
  await restore(args, 15, "int8");
  const manifest = JSON.parse(await readFile(place.file("long.deblurred.mp4.part/manifest.json"), "utf8"));
  assert.equal(manifest.manifest.settings.precision, "int8");
  const exact = await restore([...args, "--precision", "float32"]);
  assert.match(exact.stderr, /does not fit: precision was int8, and is float32\./);
  const { code, stderr, stdout } = await restore([...args, "--json"], Infinity, "float32");
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).precision, "int8");
});

Deno.test("deblur --crop --segment: the part is what --crop gives in one piece, and another part is a choice", async () => {
  await using place = await workplace();
  const input = place.file("long.mkv");
  await makeClip(input, {
    encoder: FF_ENCODER_FFV1,
    encoderOptions: {},
    pts: Array.from({ length: 30 }, (_, i) => i),
  });
  const args = [input, "--everywhere", "--crop", "8,4,32,24"];
  assert.equal((await restore([...args, "-o", place.file("whole.mkv")])).code, 0);
  const stopped = await restore([...args, "--segment", "0.4"], 15);
  assert.match(stopped.stderr, /1 of 3 segments are done/);
  const other = await restore([...args.slice(0, -1), "0,4,32,24", "--segment", "0.4"]);
  assert.match(other.stderr, /crop was 8,4,32,24, and is 0,4,32,24/);
  const { code, stderr } = await restore([...args, "--segment", "0.4"]);
  assert.equal(code, 0, stderr);
  const frames = await collectFrames(place.file("long.deblurred.mkv"));
  assert.deepEqual([frames[0]?.width, frames[0]?.height], [32, 24]);
  assertFramesEqual(frames, await collectFrames(place.file("whole.mkv")), 0);
});

Deno.test("deblur --fresh: discards what an earlier run with other settings has done", async () => {
  await using place = await workplace();
  const input = place.file("long.mp4");
  await makeClip(input, { pts: Array.from({ length: 30 }, (_, i) => i) });
  const args = [input, "--segment", "0.4", "--everywhere"];
  await restore(args, 15);
  const { code, stderr, pictures } = await restore([...args, "--detail", "2", "--fresh"]);
  assert.deepEqual([code, pictures], [0, 34], stderr); // of three segments
  assert.doesNotMatch(stderr, /continuing/);
});

Deno.test("deblur --segment: a video that cannot be cut is restored in one piece, and why is said", async () => {
  await using place = await workplace();
  const input = place.file("long.avi");
  await makeClip(input, { encoderOptions: { qp: "0", preset: "ultrafast", bf: "0" } });
  const { code, stderr } = await place.deblur([input, "--segment", "0.2"]);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /restored in one piece, which cannot be continued if it is stopped: a file of avi does not say/,
  );
  assert.ok((await place.names()).includes("long.deblurred.avi"));
});
