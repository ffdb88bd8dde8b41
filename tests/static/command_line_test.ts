import assert from "node:assert/strict";
import { parseDeblurFlags } from "../../src/cli/deblur/deblur_flags.ts";
import { commandLine } from "../../static/command_line.js";

const PLAIN = {
  preset: "fast",
  device: "auto",
  detail: 1,
  everywhere: false,
  codec: null,
  crf: null,
  range: null,
  crop: null,
} as const;

Deno.test("commandLine names only what differs from the defaults", () => {
  assert.equal(commandLine("clip.mp4", PLAIN), "deno task deblur clip.mp4 --preset fast");
});

Deno.test("commandLine gives a command that is understood as it was set", () => {
  const range = { start: 24 / 23.976, end: 2.5 };
  const crop = { x: 2, y: 4, width: 640, height: 360 };
  const line = commandLine("sub/clip.mp4", {
    ...PLAIN,
    device: "cpu",
    detail: 1.5,
    everywhere: true,
    codec: "hevc",
    crf: 20,
    range,
    crop,
  });
  const flags = parseDeblurFlags(line.split(" ").slice(3));
  assert.deepEqual([
    flags.inputs,
    flags.preset,
    flags.device,
    flags.detail,
    flags.everywhere,
    flags.video,
    flags.crop,
  ], [
    ["sub/clip.mp4"],
    "fast",
    "cpu",
    1.5,
    true,
    { codec: "hevc", crf: 20 },
    crop,
  ]);
  assert.ok(Math.abs((flags.media.start ?? 0) - range.start) < 1e-6);
  assert.ok(Math.abs((flags.media.duration ?? 0) - (range.end - range.start)) < 2e-6);
});

Deno.test("commandLine writes names of any kind as one word of a shell", () => {
  const words = (name: string) =>
    commandLine(name, PLAIN).slice("deno task deblur ".length, -" --preset fast".length);
  assert.equal(words("my clip.mp4"), "'my clip.mp4'");
  assert.equal(words("it's $HOME.mp4"), `'it'\\''s $HOME.mp4'`);
  assert.equal(words("-x.mp4"), "./-x.mp4");
});
