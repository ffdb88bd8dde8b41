import assert from "node:assert/strict";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { finished, pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../helpers/import_graph.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { workplace } from "../../helpers/deblur_workplace.ts";

const PERMISSIONS = ["read", "write", "env", "sys", "ffi"].map((name) => `--allow-${name}`);

/** Starts the command as a program of its own, with pipes. */
function startDeblur(weights: string, args: readonly string[]) {
  const cli = fileURLToPath(new URL("cli.ts", ROOT));
  const common = ["deblur", "--device", "cpu", "--weights", weights];
  const child = spawn(Deno.execPath(), [
    "run",
    "--quiet",
    "--no-check",
    ...PERMISSIONS,
    cli,
    ...common,
    ...args,
  ]);
  let stderr = "";
  child.stderr.on("data", (text) => stderr += text);
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { stdin: child.stdin, stdout: child.stdout, code, said: () => stderr };
}

Deno.test("deblur -o -: y4m comes out of one command and goes into the next, without anything else on standard output", async () => {
  await using place = await workplace();
  const [first, second] = [
    startDeblur(place.weights, [place.file("clip.mp4"), "-o", "-"]),
    startDeblur(place.weights, ["-", "-o", place.file("out.mkv"), "--codec", "ffv1"]),
  ];
  await pipeline(first.stdout, second.stdin);
  assert.deepEqual([await first.code, await second.code], [0, 0], first.said() + second.said());
  assert.match(first.said(), /^-: 3 frames of 48x32/);
  const { streams } = await probeClip(place.file("out.mkv"));
  assert.deepEqual(streams[0]?.times, [0, 0.04, 0.08]);
});

Deno.test("deblur -o - --format mkv: a container with times, read from a file through standard input", async () => {
  await using place = await workplace();
  const output = place.file("out.mkv");
  const command = startDeblur(place.weights, ["-", "-o", "-", "--format", "mkv"]);
  await place.deblur([place.file("clip.mp4"), "-o", place.file("in.mkv")]);
  const written = pipeline(command.stdout, createWriteStream(output));
  await pipeline(createReadStream(place.file("in.mkv")), command.stdin);
  await written;
  assert.equal(await command.code, 0, command.said());
  assert.deepEqual((await probeClip(output)).streams[0]?.times, [0, 0.04, 0.08]);
});

Deno.test("deblur -o -: a reader that closes the pipe ends it cleanly", async () => {
  await using place = await workplace();
  const frame = Uint8Array.from(
    { length: 6 + 64 * 48 * 3 / 2 },
    (_, i) => i < 6 ? "FRAME\n".charCodeAt(i) : i & 127,
  );
  const header = new TextEncoder().encode("YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420jpeg\n");
  await writeFile(
    place.file("long.y4m"),
    new Uint8Array([...header, ...Array.from({ length: 200 }, () => [...frame]).flat()]),
  );
  const command = startDeblur(place.weights, [place.file("long.y4m"), "-o", "-"]);
  for await (const _ of command.stdout) break; // closes it
  assert.equal(await command.code, 0, command.said());
  assert.equal(command.said(), "");
});

Deno.test("deblur -: input that is no video is told, and nothing is left", async () => {
  await using place = await workplace();
  const cases: readonly (readonly [Uint8Array | string, RegExp])[] = [
    ["not a video", /^-: Cannot read this as a video: .*Use a video that can be read from a pipe/],
    ["", /^-: Cannot read this as a video/],
  ];
  for (const [bytes, said] of cases) {
    const command = startDeblur(place.weights, ["-", "-o", place.file("out.mkv")]);
    command.stdin.on("error", () => {}); // it may be closed before everything is written
    command.stdin.end(bytes);
    await finished(command.stdout.resume());
    assert.equal(await command.code, 1);
    assert.match(command.said(), said);
  }
  assert.deepEqual((await place.names()).filter((name) => name.startsWith("out")), []);
  assert.ok((await readFile(place.file("clip.mp4"))).length > 0);
});

Deno.test("deblur: flags that do not go with pipes are usage errors", async () => {
  await using place = await workplace();
  const clip = place.file("clip.mp4");
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["-"], /Standard input has no name for its result/],
    [["-", clip, "-o", place.file("out")], /Standard input \(-\) must be the only input/],
    [[clip, clip, "-o", "-"], /Only one video can be written to standard output/],
    [[clip, "-o", "-", "--json"], /--json prints to standard output/],
    [[clip, "--format", "y4m"], /--format does nothing without -o -/],
    [[clip, "-o", "-", "--format", "mp4"], /Invalid value "mp4" for --format/],
  ];
  for (const [args, said] of cases) {
    const { code, stderr } = await place.deblur(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, said);
  }
});
