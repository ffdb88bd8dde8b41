import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { PRESETS } from "../../../src/model/network/config.ts";
import { SHORT, workplace } from "../../helpers/deblur_workplace.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { runCli } from "../../helpers/run_cli.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";

/** What is wrong, the arguments after the weights, the exit code and the one line. */
const BAD: readonly (readonly [name: string, args: readonly string[], code: number, line: RegExp])[] = [
  ["no input", [], 2, /Nothing to deblur: give at least one INPUT/],
  ["no such file", ["none.mp4"], 1, /none\.mp4: No such file or folder\. Check the name/],
  ["a folder without media", ["empty"], 1, /empty: There are no videos and no pictures in this folder/],
  ["an empty file", ["zero.mp4"], 1, /zero\.mp4: The file is empty/],
  ["a text file", ["text.mp4"], 1, /text\.mp4: Cannot read this as a video/],
  ["no video stream", ["sound.mp4"], 1, /sound\.mp4: There is no video stream in this file/],
  ["a picture that is none", ["text.png"], 1, /text\.png: Cannot read this/],
  [
    "an output that exists",
    ["clip.mp4", "-o", "text.mp4"],
    1,
    /text\.mp4: The output exists\. .*--overwrite/,
  ],
  ["output is input", ["clip.mp4", "-o", "clip.mp4", "--overwrite"], 2, /clip\.mp4" is an input\. .*-o/],
  [
    "output is input, by a link",
    ["clip.mp4", "-o", "link.mp4", "--overwrite"],
    1,
    /link\.mp4: The output is the input/,
  ],
  [
    "output is another input",
    ["clip.mp4", "clip.mp4", "-o", "a"],
    2,
    /Two inputs would be written to/,
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
    /-o is the file .*2 inputs need a folder/,
  ],
  ["no name", ["clip.mp4", "-o", ""], 2, /Invalid value "" for -o/],
  ["a picture without extension", ["picture"], 1, /picture: It is a picture, but its .*Add -o FILE\.png/],
  [
    "a GIF that is one picture",
    ["picture", "-o", "out.gif"],
    1,
    /out\.gif: No picture format has this extension/,
  ],
  [
    "numbered pictures that nobody could tell from others",
    ["clip.mp4", "-o", "a/%04d.png"],
    1,
    /a: The output exists\. .*--overwrite/,
  ],
  [
    "numbered pictures with the quality of a video",
    ["clip.mp4", "-o", "new/%04d.png", "--crf", "20"],
    2,
    /--crf does nothing for a video that becomes pictures/,
  ],
  [
    "an animated picture with the quality of a video",
    ["clip.mp4", "-o", "out.webp", "--crf", "20"],
    2,
    /crf is 20/,
  ],
  [
    "an unknown container",
    ["clip.mp4", "-o", "out.txt"],
    1,
    /out\.txt: No video container has this extension\. Use \.mp4/,
  ],
  [
    "a picture of a video",
    ["clip.mp4", "-o", "out.png"],
    1,
    /out\.png: One picture holds no video\. Use .*out\/%06d\.png for a folder/,
  ],
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
    /--branches needs a down branch, which .*one\.safetensors/,
  ],
  [
    "an unknown device",
    ["clip.mp4", "--device", "gpu"],
    2,
    /Invalid value "gpu" for --device: expected auto, cuda, .* or wasm/,
  ],
  [
    "an unknown preset",
    ["clip.mp4", "--preset", "best"],
    2,
    /Invalid value "best" for --preset: expected paper, /,
  ],
  [
    "an unknown codec",
    ["clip.mp4", "--codec", "divx"],
    2,
    /Invalid value "divx" for --codec: expected h264, hevc/,
  ],
  ["a quality that h264 has not", ["clip.mp4", "--crf", "60"], 2, /crf must be 0 to 51 for h264, not 60/],
  [
    "a quality of what loses nothing",
    ["clip.mp4", "-o", "out.mkv", "--codec", "ffv1", "--crf", "20"],
    2,
    /crf is 20, but ffv1 is lossless\. Leave crf out, or use another codec/,
  ],
  ["a quality that nothing has", ["clip.mp4", "--crf", "-1"], 2, /Invalid value "-1" for --crf: expected /],
  [
    "no number",
    ["clip.mp4", "--detail", "much"],
    2,
    /Invalid value "much" for --detail: expected a number from 0 to 4/,
  ],
  [
    "no time",
    ["clip.mp4", "--start", "1h"],
    2,
    /Invalid value "1h" for --start: expected seconds \(12\.5\) or h:mm:ss/,
  ],
  [
    "no length",
    ["clip.mp4", "--duration", "0"],
    2,
    /Invalid value "0" for --duration: expected a time above 0/,
  ],
  ["a start behind the end", ["clip.mp4", "--start", "60"], 1, /clip\.mp4: It ends before --start 60 s/],
  ["a flag without its value", ["clip.mp4", "--codec"], 2, /--codec.*argument/],
  ["a file that looks like a flag", ["-x.mp4"], 2, /'-x'.*Write a file of that name as \.\/-x\.mp4/],
];

Deno.test("deblur: bad input is one clear line, exit code 1 or 2, and nothing is written", async (t) => {
  await using place = await workplace();
  await mkdir(place.file("empty"));
  await mkdir(place.file("a"));
  await makeClip(place.file("a/clip.mp4"), SHORT);
  await writeFile(place.file("zero.mp4"), "");
  const grey = () => sharp({ create: { width: 16, height: 16, channels: 3, background: "grey" } });
  await grey().png().toFile(place.file("picture"));
  for (const name of ["text.mp4", "text.png"]) await writeFile(place.file(name), "a letter\n".repeat(100));
  await makeClip(place.file("sound.mp4"), { withoutVideo: true, audioSeconds: 0.2 });
  await symlink(place.file("clip.mp4"), place.file("link.mp4"));
  await writeSmokeWeights(place.file("one.safetensors"), { ...PRESETS.smoke, twoWay: false });
  const before = await place.names();
  const isPath = (arg: string) =>
    arg.length > 0 && !arg.startsWith("-") && /[./]|^(?:empty|a|picture)$/.test(arg);
  for (const [name, args, exitCode, line] of BAD) {
    await t.step(name, async () => {
      const inPlace = args.map((arg) => isPath(arg) ? join(place.path, arg) : arg);
      const { code, stdout, stderr } = await place.deblur(inPlace);
      assert.match(stderr, line);
      assert.match(stderr, /^[^\n]+\n$/, "exactly one line");
      assert.deepEqual([code, stdout], [exitCode, ""]);
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

Deno.test("deblur: a folder that is not there is called that, and --overwrite does not go with --skip-existing", async () => {
  await using place = await workplace();
  const missing = await place.deblur([place.file("clip.mp4"), "-o", place.file("none/out.mp4")]);
  assert.equal(missing.code, 1);
  assert.equal(
    missing.stderr,
    `${place.file("none/out.mp4")}: There is no folder ${
      place.file("none")
    }. Make it first, or use another one\n`,
  );
  const both = await place.deblur([place.file("clip.mp4"), "--overwrite", "--skip-existing"]);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /^--overwrite replaces the outputs that --skip-existing keeps/);
});
