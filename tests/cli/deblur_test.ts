import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AV_PIX_FMT_YUV420P, FF_ENCODER_RAWVIDEO } from "node-av/constants";
import { PRESETS } from "../../src/model/config.ts";
import { collectFrames } from "../helpers/collect_frames.ts";
import { type ClipOptions, makeClip } from "../helpers/make_clip.ts";
import { decodeAudio, probeClip } from "../helpers/probe_clip.ts";
import { type CliRun, runCli, type RunCliOptions } from "../helpers/run_cli.ts";
import { writeSmokeWeights } from "../helpers/smoke_weights.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

/** Three frames are enough for most. */
const SHORT: ClipOptions = { pts: [0, 1, 2] };

/** A folder with weights, a clip, and the command ready to run on what is in it. */
async function workplace() {
  const folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  await makeClip(folder.file("clip.mp4"), SHORT);
  return {
    ...folder,
    weights,
    deblur: (args: readonly string[], options?: RunCliOptions): Promise<CliRun> =>
      runCli(["deblur", "--device", "cpu", "--weights", weights, ...args], options),
    names: async () => (await readdir(folder.path, { recursive: true })).sort(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

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
    width: 48,
    height: 32,
    device: "cpu",
    preset: "smoke",
    weights: { file: place.weights, sha256: createHash("sha256").update(bytes).digest("hex") },
  });
  assert.ok(seconds > 0 && Math.abs(framesPerSecond - 3 / seconds) < 1e-6);
  assert.deepEqual([odd.width, odd.height], [35, 61]);
  assert.match(odd.notes.join(), /yuv444p/);
});

Deno.test("deblur --quiet says nothing at all when all is well", async () => {
  await using place = await workplace();
  const quiet = await place.deblur([place.file("clip.mp4"), "--quiet"], { isTerminal: true });
  assert.deepEqual(quiet, { code: 0, stdout: "", stderr: "" });
});

Deno.test("deblur --dry-run tells streams, work, time and memory, and writes nothing", async () => {
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
      /time: [\d.]+ s a frame, \d+:\d\d in all$/m,
      /memory: \d+ MiB$/m,
    ]
  ) assert.match(stdout, line);
  const plan = JSON.parse((await place.deblur([...args, "--json"])).stdout);
  assert.equal(plan.frames, 10);
  assert.ok(plan.memory > 1e6 && plan.secondsPerFrame > 0 && plan.macsPerFrame > 0);
  assert.ok(Math.abs(plan.seconds - 10 * plan.secondsPerFrame) < 1e-9);
  assert.deepEqual(await place.names(), before);
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

Deno.test("deblur: of several inputs a bad one is told and the others are restored, exit code 1", async () => {
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
    /clip\.deblurred\.mp4: The output exists; wanted another name with -o, or --overwrite\n$/,
  );
  assert.equal(await readFile(output, "utf8"), "mine");
  assert.equal((await place.deblur([place.file("clip.mp4"), "--overwrite"])).code, 0);
  assert.equal((await collectFrames(output)).length, 3);
});

Deno.test("deblur: a video cut off in the middle says its loss and keeps nothing, or a partial file when told, exit code 1", async () => {
  await using place = await workplace();
  const clip = place.file("long.mkv");
  await makeClip(clip, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 5 });
  await truncate(clip, Math.floor((await readFile(clip)).length * 0.6));
  const before = await place.names();
  const refused = await place.deblur([clip]);
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(
    refused.stderr,
    /^[^\n]*long\.mkv: The file is cut off[^\n]*; --keep-partial keeps what still decodes\n$/,
  );
  assert.deepEqual(await place.names(), before);
  const kept = await place.deblur([clip, "--keep-partial", "--json"]);
  assert.equal(kept.code, 1);
  assert.match(kept.stderr, /^[^\n]*long\.mkv: The file is cut off[^\n]*\n$/);
  const report = JSON.parse(kept.stdout);
  assert.equal(report.output, place.file("long.deblurred.partial.mkv"));
  assert.match(report.damage, /cut off/);
  assert.deepEqual(await place.names(), [...before, "long.deblurred.partial.mkv"].sort());
  const again = await place.deblur([clip, "--keep-partial"]);
  assert.match(again.stderr, /partial\.mkv: The output exists/);
});

/** What is wrong, the arguments after the weights, the exit code and the one line. */
const BAD: readonly (readonly [name: string, args: readonly string[], code: number, line: RegExp])[] = [
  ["no input", [], 2, /Nothing to deblur; wanted INPUT/],
  ["no such file", ["none.mp4"], 1, /none\.mp4: No such file or folder; wanted a video/],
  ["a folder without media", ["empty"], 1, /empty: There are no videos and no pictures in this folder/],
  ["an empty file", ["zero.mp4"], 1, /zero\.mp4: The file is empty/],
  ["a text file", ["text.mp4"], 1, /text\.mp4: Cannot read this as a video/],
  ["no video stream", ["sound.mp4"], 1, /sound\.mp4: There is no video stream in this file/],
  ["a picture that is none", ["text.png"], 1, /text\.png: Cannot read this/],
  ["an output that exists", ["clip.mp4", "-o", "text.mp4"], 1, /text\.mp4: The output exists; .*--overwrite/],
  ["output is input", ["clip.mp4", "-o", "clip.mp4", "--overwrite"], 2, /clip\.mp4" is an input; .*-o/],
  [
    "output is input, by a link",
    ["clip.mp4", "-o", "link.mp4", "--overwrite"],
    1,
    /link\.mp4: The output is the input/,
  ],
  [
    "output is another input",
    ["clip.mp4", "a/clip.mp4", "-o", "a"],
    2,
    /Two inputs would both be written to/,
  ],
  ["an unwritable folder", ["clip.mp4", "-o", "text.mp4/out.mp4"], 1, /Cannot write in the folder/],
  [
    "a folder that cannot be made",
    ["clip.mp4", "-o", "text.mp4/out/"],
    1,
    /text\.mp4\/out\/: Cannot make this folder/,
  ],
  [
    "a file for several inputs",
    ["clip.mp4", "sound.mp4", "-o", "text.mp4"],
    2,
    /-o is the file .*wanted a folder for 2/,
  ],
  ["no name", ["clip.mp4", "-o", ""], 2, /-o is ""/],
  [
    "an unknown container",
    ["clip.mp4", "-o", "out.txt"],
    1,
    /out\.txt: No container has this extension; wanted \.mp4/,
  ],
  ["a picture of a video", ["clip.mp4", "-o", "out.png"], 1, /out\.png: No container has this extension/],
  [
    "a codec in the wrong container",
    ["clip.mp4", "-o", "out.webm", "--codec", "h264"],
    1,
    /cannot hold h264/,
  ],
  ["damaged weights", ["clip.mp4", "--weights", "text.mp4"], 1, /text\.mp4: not a usable \.safetensors file/],
  [
    "missing weights",
    ["clip.mp4", "--weights", "none.safetensors"],
    1,
    /none\.safetensors: no such weights file/,
  ],
  [
    "weights of another config",
    ["clip.mp4", "--preset", "fast"],
    1,
    /weights are of preset "smoke", not of preset "fast"/,
  ],
  [
    "one branch, --branches",
    ["clip.mp4", "--weights", "one.safetensors", "--branches"],
    2,
    /--branches needs a down branch/,
  ],
  [
    "one branch, --detail",
    ["clip.mp4", "--weights", "one.safetensors", "--detail", "2"],
    2,
    /--detail needs a down branch/,
  ],
  ["an unknown device", ["clip.mp4", "--device", "gpu"], 2, /--device is "gpu"; wanted auto, cpu, cuda/],
  ["an unknown preset", ["clip.mp4", "--preset", "best"], 2, /--preset is "best"; wanted paper, /],
  ["an unknown codec", ["clip.mp4", "--codec", "divx"], 2, /--codec is "divx"; wanted h264, hevc/],
  ["a quality that h264 has not", ["clip.mp4", "--crf", "60"], 2, /crf is 60, wanted 0 to 51 for h264/],
  ["a quality that nothing has", ["clip.mp4", "--crf", "-1"], 2, /--crf.*argument is ambiguous/],
  ["no number", ["clip.mp4", "--detail", "much"], 2, /--detail is "much"; wanted a number from 0 to 4/],
  ["no time", ["clip.mp4", "--start", "1h"], 2, /--start is "1h"; wanted seconds \(12\.5\) or h:mm:ss/],
  ["no length", ["clip.mp4", "--duration", "0"], 2, /--duration is "0"; wanted more than nothing/],
  ["a start behind the end", ["clip.mp4", "--start", "60"], 1, /clip\.mp4: It ends before --start 60 s/],
  ["a flag without its value", ["clip.mp4", "--codec"], 2, /--codec.*argument/],
  ["a file that looks like a flag", ["-x.mp4"], 2, /'-x'.*is written \.\/-x\.mp4/],
];

Deno.test("deblur: bad input is one clear line, exit code 1 or 2, and nothing is written", async (t) => {
  await using place = await workplace();
  await mkdir(place.file("empty"));
  await mkdir(place.file("a"));
  await makeClip(place.file("a/clip.mp4"), SHORT);
  await writeFile(place.file("zero.mp4"), "");
  for (const name of ["text.mp4", "text.png"]) await writeFile(place.file(name), "a letter\n".repeat(100));
  await makeClip(place.file("sound.mp4"), { withoutVideo: true, audioSeconds: 0.2 });
  await symlink(place.file("clip.mp4"), place.file("link.mp4"));
  await writeSmokeWeights(place.file("one.safetensors"), { ...PRESETS.smoke, twoWay: false });
  const before = await place.names();
  const isPath = (arg: string) => arg.length > 0 && !arg.startsWith("-") && /[./]|^(?:empty|a)$/.test(arg);
  for (const [name, args, wanted, line] of BAD) {
    await t.step(name, async () => {
      const inPlace = args.map((arg) => isPath(arg) ? join(place.path, arg) : arg);
      const { code, stdout, stderr } = await place.deblur(inPlace);
      assert.match(stderr, line);
      assert.match(stderr, /^[^\n]+\n$/, "exactly one line");
      assert.deepEqual([code, stdout], [wanted, ""]);
      assert.deepEqual(await place.names(), before);
    });
  }
});

Deno.test("deblur: a preset without weights says which ones have them and how to train this one", async () => {
  await using place = await workplace();
  const { code, stderr } = await runCli(["deblur", place.file("clip.mp4"), "--preset", "smoke"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^[^\n]*no weights are shipped for preset "smoke" \(shipped: [^)]+\); train it with [^\n]*--preset smoke[^\n]*--weights\n$/,
  );
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
