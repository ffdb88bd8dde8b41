import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AV_PIX_FMT_YUV420P, FF_ENCODER_MPEG2VIDEO, FF_ENCODER_RAWVIDEO } from "node-av/constants";
import type { CommandIo } from "../../../src/cli/command_io.ts";
import { deblurCommand } from "../../../src/cli/deblur/deblur.ts";
import { brighten, fakeEngine } from "../../helpers/fake_engine.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { damageBytes, DENSE } from "../../helpers/damage_bytes.ts";
import { SHORT, workplace } from "../../helpers/deblur_workplace.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { decodeAudio, probeClip } from "../../helpers/probe_clip.ts";

Deno.test("deblur: writes NAME.deblurred.EXT beside the input, says so on stderr, and nothing on stdout", async () => {
  await using place = await workplace();
  await makeClip(place.file("clip.mp4"), { pts: [0, 1, 5, 6], audioSeconds: 0.3 });
  const { code, stdout, stderr } = await place.deblur([place.file("clip.mp4")]);
  assert.deepEqual([code, stdout], [0, ""]);
  const output = place.file("clip.deblurred.mp4");
  assert.match(stderr, /^[^\n]*clip\.deblurred\.mp4: 4 frames of 48x32, [\d.]+ frames\/s\n$/);
  const [before, after] = [await probeClip(place.file("clip.mp4")), await probeClip(output)];
  assert.deepEqual(after.streams[0]?.times, before.streams[0]?.times);
  assert.deepEqual(await decodeAudio(output), await decodeAudio(place.file("clip.mp4")));
  const [[blurry], [restored]] = [await collectFrames(place.file("clip.mp4")), await collectFrames(output)];
  assert.notDeepEqual(restored?.data, blurry?.data, "the network changed something");
  assert.deepEqual(await place.names(), ["clip.deblurred.mp4", "clip.mp4", "smoke.safetensors"]);
});

Deno.test("deblur --everywhere: motionless parts, which are kept and reported without it, are restored too", async () => {
  await using place = await workplace();
  const sample = fileURLToPath(new URL("../../../samples/spaniels.mp4", import.meta.url));
  const run = async (name: string, flags: readonly string[]) => {
    const output = place.file(name);
    const part = ["--start", "2", "--duration", "0.08", "--json"];
    const { code, stdout } = await place.deblur([sample, ...part, "-o", output, ...flags]);
    assert.equal(code, 0);
    const { frames, stillShare } = JSON.parse(stdout);
    return { frames, stillTenths: Math.round(10 * stillShare) };
  };
  assert.deepEqual(await run("still.mp4", []), { frames: 2, stillTenths: 10 });
  assert.deepEqual(await run("everywhere.mp4", ["--everywhere"]), { frames: 2, stillTenths: 0 });
});

Deno.test("deblur --json: one object a line for each input, with what a program wants to know", async () => {
  await using place = await workplace();
  await makeClip(place.file("odd.mkv"), { ...SHORT, width: 35, height: 61, encoder: FF_ENCODER_RAWVIDEO });
  const { code, stdout, stderr } = await place.deblur([
    place.file("clip.mp4"),
    place.file("odd.mkv"),
    "--json",
    "--codec",
    "h264",
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
  const [clip, odd, ...rest] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(rest, []);
  const { seconds, framesPerSecond, ...fixed } = clip;
  const bytes = await readFile(place.weights);
  assert.deepEqual(fixed, {
    input: place.file("clip.mp4"),
    output: place.file("clip.deblurred.mp4"),
    frames: 3,
    stillShare: 0,
    width: 48,
    height: 32,
    device: "cpu",
    precision: "float32",
    preset: "smoke",
    weights: { file: place.weights, sha256: createHash("sha256").update(bytes).digest("hex") },
  });
  assert.ok(seconds > 0 && Math.abs(framesPerSecond - 3 / seconds) < 1e-6);
  assert.deepEqual([odd.width, odd.height], [35, 61]);
  assert.match(odd.notes.join(), /yuv444p/);
});

Deno.test("deblur: says on stderr and in JSON which devices auto tried in vain, unless --quiet is given", async () => {
  const note = 'Device "cuda": no driver. Using "cpu" instead.';
  const run = async (...flags: string[]) => {
    await using place = await workplace();
    const said = { stdout: "", stderr: "" };
    const io: CommandIo = {
      stdout: (text) => said.stdout += text,
      stderr: (text) => said.stderr += text,
      isTerminal: false,
      signal: new AbortController().signal,
    };
    const open = () => Promise.resolve({ ...fakeEngine(brighten(1)), notes: [note] });
    assert.equal(await deblurCommand([place.file("clip.mp4"), "--everywhere", ...flags], io, open), 0);
    return said;
  };
  assert.ok((await run()).stderr.startsWith(`${note}\n`));
  const json = await run("--json");
  assert.deepEqual([json.stderr, JSON.parse(json.stdout).notes], [`${note}\n`, [note]]);
  assert.equal((await run("--quiet")).stderr, "");
});

Deno.test("deblur --quiet says nothing at all when all is well", async () => {
  await using place = await workplace();
  const quiet = await place.deblur([place.file("clip.mp4"), "--quiet"], { isTerminal: true });
  assert.deepEqual(quiet, { code: 0, stdout: "", stderr: "" });
});

Deno.test("deblur --start --duration: only that part", async () => {
  await using place = await workplace();
  await makeClip(place.file("clip.mp4"), { pts: Array.from({ length: 50 }, (_, i) => i) });
  const { stdout } = await place.deblur([
    place.file("clip.mp4"),
    ...["--start", "0:00:01", "--duration", "0.2", "--json"],
  ]);
  assert.equal(JSON.parse(stdout).frames, 5);
});

Deno.test("deblur --branches: four pictures wide; --detail changes the result", async () => {
  await using place = await workplace();
  const clip = place.file("clip.mp4");
  const { stdout } = await place.deblur([clip, "--branches", "-o", place.file("wide.mp4"), "--json"]);
  assert.equal(JSON.parse(stdout).width, 4 * 48);
  for (const detail of ["0", "3"]) {
    const { code } = await place.deblur([clip, "--detail", detail, "-o", place.file(`${detail}.mp4`)]);
    assert.equal(code, 0);
  }
  const [[plain], [crisp]] = [
    await collectFrames(place.file("0.mp4")),
    await collectFrames(place.file("3.mp4")),
  ];
  assert.notDeepEqual(plain?.data, crisp?.data);
});

Deno.test("deblur: several inputs go to a folder that is made for them; -o DIR works for one too", async () => {
  await using place = await workplace();
  await makeClip(place.file("b c.mkv"), SHORT);
  const out = place.file("deep/out");
  const several = await place.deblur([place.file("clip.mp4"), place.file("b c.mkv"), "-o", out]);
  assert.equal(several.code, 0);
  assert.deepEqual((await readdir(out)).sort(), ["b c.deblurred.mkv", "clip.deblurred.mp4"]);
  const one = await place.deblur([place.file("clip.mp4"), "-o", place.file("one/")]);
  assert.equal(one.code, 0);
  assert.deepEqual(await readdir(place.file("one")), ["clip.deblurred.mp4"]);
});

Deno.test("deblur: of several inputs a bad one is reported and the others are restored, exit code 1", async () => {
  await using place = await workplace();
  await writeFile(place.file("bad.mp4"), "");
  const { code, stderr } = await place.deblur([
    ...[place.file("none.mp4"), place.file("bad.mp4"), place.file("clip.mp4")],
    ...["-o", place.file("out")],
  ]);
  assert.equal(code, 1);
  const [missing, empty, done, ...rest] = stderr.trimEnd().split("\n");
  assert.match(missing ?? "", /none\.mp4: No such file/);
  assert.match(empty ?? "", /bad\.mp4: The file is empty/);
  assert.match(done ?? "", /clip\.deblurred\.mp4: 3 frames/);
  assert.deepEqual(rest, []);
  assert.deepEqual(await readdir(place.file("out")), ["clip.deblurred.mp4"]);
});

Deno.test("deblur --overwrite replaces an output, and only then", async () => {
  await using place = await workplace();
  const output = place.file("clip.deblurred.mp4");
  await writeFile(output, "mine");
  const refused = await place.deblur([place.file("clip.mp4")]);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /clip\.deblurred\.mp4: The output exists\. Choose another name with -o, or add --overwrite\n$/,
  );
  assert.equal(await readFile(output, "utf8"), "mine");
  assert.equal((await place.deblur([place.file("clip.mp4"), "--overwrite"])).code, 0);
  assert.equal((await collectFrames(output)).length, 3);
});

Deno.test("deblur: a truncated video is reported and leaves nothing, or a partial file with --keep-partial, exit code 1", async () => {
  await using place = await workplace();
  const clip = place.file("long.mkv");
  await makeClip(clip, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 5 });
  await truncate(clip, Math.floor((await readFile(clip)).length * 0.6));
  const before = await place.names();
  const refused = await place.deblur([clip]);
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(
    refused.stderr,
    /^[^\n]*long\.mkv: The file is truncated[^\n]*\. Add --keep-partial to keep what can be decoded\n$/,
  );
  assert.deepEqual(await place.names(), before);
  const kept = await place.deblur([clip, "--keep-partial", "--json"]);
  assert.equal(kept.code, 1);
  assert.match(kept.stderr, /^[^\n]*long\.mkv: The file is truncated[^\n]*\n$/);
  const report = JSON.parse(kept.stdout);
  assert.equal(report.output, place.file("long.deblurred.partial.mkv"));
  assert.match(report.damage, /truncated/);
  assert.deepEqual(await place.names(), [...before, "long.deblurred.partial.mkv"].sort());
  const again = await place.deblur([clip, "--keep-partial"]);
  assert.match(again.stderr, /partial\.mkv: The output exists/);
});

Deno.test("deblur: a video truncated before its first whole frame is reported, by a dry run too", async () => {
  await using place = await workplace();
  const clip = place.file("long.mp4");
  await makeClip(clip, { ...DENSE, muxerOptions: { movflags: "faststart" } });
  await truncate(clip, Math.round((await stat(clip)).size * 0.02));
  const before = await place.names();
  for (const flags of [[], ["--keep-partial"], ["--dry-run"]]) {
    const { code, stdout, stderr } = await place.deblur([clip, ...flags]);
    assert.deepEqual([code, stdout], [1, ""], stderr);
    assert.match(
      stderr,
      /^[^\n]*long\.mp4: [^\n]*truncated or damaged: none of its 50 frames can be decoded\n$/,
    );
    assert.deepEqual(await place.names(), before);
  }
});

Deno.test("deblur: damage that the decoder conceals is reported like truncation, exit code 1", async () => {
  await using place = await workplace();
  const clip = place.file("long.mkv");
  await makeClip(clip, { ...DENSE, encoder: FF_ENCODER_MPEG2VIDEO, encoderOptions: { b: "3000000" } });
  await damageBytes(clip, 0.6);
  const refused = await place.deblur([clip]);
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(
    refused.stderr,
    /^[^\n]*long\.mkv: Damaged frames, parts of which had to be concealed: \d+\. Add --keep-partial to keep [^\n]*\n$/,
  );
  const kept = await place.deblur([clip, "--keep-partial", "--json"]);
  assert.equal(kept.code, 1);
  const { output, frames, damage } = JSON.parse(kept.stdout);
  assert.deepEqual([output, frames], [place.file("long.deblurred.partial.mkv"), 50]);
  assert.match(damage, /concealed/);
});

for (const [width, height] of [[1, 1], [35, 61], [7, 2], [3, 200]] as const) {
  Deno.test(`deblur: a video of ${width}x${height} keeps its size, and says when colour had to be kept in full`, async () => {
    await using place = await workplace();
    const [input, output] = [place.file("odd.mkv"), place.file("out.mkv")];
    const raw = { encoder: FF_ENCODER_RAWVIDEO, pixelFormat: AV_PIX_FMT_YUV420P };
    await makeClip(input, { ...SHORT, width, height, ...raw });
    const { code, stderr } = await place.deblur([input, "-o", output]);
    assert.equal(code, 0);
    assert.match(stderr, new RegExp(`3 frames of ${width}x${height}, .*yuv444p`));
    const [frame] = await collectFrames(output);
    assert.deepEqual([frame?.width, frame?.height], [width, height]);
  });
}

Deno.test("deblur: names are taken literally, whatever is in them", async () => {
  await using place = await workplace();
  const names = ["a b", "it's", 'say "hi"', "%d %03d", "http:x", "[1]*?", "ünï→", "tab\there", "$HOME;&"];
  const clips = names.map((name) => place.file(`${name}.mp4`));
  for (const clip of clips) await makeClip(clip, { pts: [0] });
  const { code, stdout } = await place.deblur([...clips, "--json"]);
  assert.equal(code, 0);
  const outputs = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).output);
  assert.deepEqual(outputs, names.map((name) => place.file(`${name}.deblurred.mp4`)));
  for (const output of outputs) assert.equal((await collectFrames(output)).length, 1);
});

Deno.test("deblur: on a terminal a bar shows frames, rate and time left, and gives the cursor back", async () => {
  await using place = await workplace();
  const { stderr } = await place.deblur([place.file("clip.mp4")], { isTerminal: true });
  assert.match(stderr, /clip\.mp4 .* 0% \| 0\/3 frames \| time left \?/);
  assert.match(stderr, /clip\.mp4 .* 100% \| 3\/3 frames \| [\d.]+ frames\/s \| time left 0:00/);
  assert.ok(stderr.includes("\x1b[?25l"), "the cursor was hidden");
  assert.ok(stderr.lastIndexOf("\x1b[?25h") > stderr.lastIndexOf("\x1b[?25l"), "and shown again");
  assert.match(stderr, /\n[^\r\n]*clip\.deblurred\.mp4: 3 frames[^\n]*\n$/);
});

Deno.test("deblur --json: an input that fails has an object too, with its error; so does an only one", async () => {
  await using place = await workplace();
  await writeFile(place.file("text.mp4"), "no video");
  await writeFile(place.file("taken.deblurred.mp4"), "mine");
  await makeClip(place.file("taken.mp4"), SHORT);
  const inputs = ["none.mp4", "text.mp4", "taken.mp4", "clip.mp4"].map(place.file);
  const { code, stdout, stderr } = await place.deblur([...inputs, "--json"]);
  assert.equal(code, 1);
  const told = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(told.map(({ input }) => input).sort(), inputs.toSorted());
  for (const { input, output, error, frames } of told) {
    assert.equal(output, input.replace(".mp4", ".deblurred.mp4"));
    assert.equal(frames === undefined, error !== undefined);
    assert.equal(error === undefined, input === place.file("clip.mp4"));
    if (error !== undefined) assert.ok(stderr.includes(`${error}\n`) && !error.includes("\n"), error);
  }
  const only = await place.deblur([place.file("text.mp4"), "--json"]);
  assert.equal(only.code, 1);
  const { error } = JSON.parse(only.stdout);
  assert.equal(only.stderr, `${error}\n`);
  await mkdir(place.file("empty"));
  const empty = await place.deblur([place.file("empty"), "--json"]);
  const { error: reason, ...rest } = JSON.parse(empty.stdout);
  assert.deepEqual([rest, `${reason}\n`], [{ input: place.file("empty") }, empty.stderr]);
});
