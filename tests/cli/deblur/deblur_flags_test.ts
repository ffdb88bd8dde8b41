import assert from "node:assert/strict";
import { DEBLUR_HELP, parseDeblurFlags } from "../../../src/cli/deblur/deblur_flags.ts";
import { DEVICE_CHOICES } from "../../../src/model/engine/engine.ts";

Deno.test("parseDeblurFlags: defaults", () => {
  assert.deepEqual(parseDeblurFlags(["clip.mp4"]), {
    help: false,
    inputs: ["clip.mp4"],
    device: "auto",
    precision: "auto",
    media: {},
    video: {},
    fresh: false,
    detail: 1,
    everywhere: false,
    branches: false,
    preview: false,
    overwrite: false,
    skipExisting: false,
    keepPartial: false,
    dryRun: false,
    json: false,
    quiet: false,
    recursive: false,
  });
});

Deno.test("parseDeblurFlags: every flag", () => {
  const text =
    "a.mp4 b.mp4 -o out --recursive --crop 2,4,640,360 --preset paper --weights w --device cpu --precision int8 --start 1:30 --duration 2 --codec av1 --crf 30 " +
    "--ffmpeg auto --detail 0.5 --everywhere --branches --preview --overwrite --segment 30 --fresh --keep-partial --dry-run --json --quiet";
  assert.deepEqual(parseDeblurFlags(text.split(" ")), {
    help: false,
    inputs: ["a.mp4", "b.mp4"],
    output: "out",
    crop: { x: 2, y: 4, width: 640, height: 360 },
    preset: "paper",
    weights: "w",
    device: "cpu",
    precision: "int8",
    media: { start: 90, duration: 2, ffmpeg: "auto" },
    video: { codec: "av1", crf: 30 },
    segment: 30,
    fresh: true,
    detail: 0.5,
    everywhere: true,
    branches: true,
    preview: true,
    overwrite: true,
    skipExisting: false,
    keepPartial: true,
    dryRun: true,
    json: true,
    quiet: true,
    recursive: true,
  });
});

Deno.test("parseDeblurFlags: no input is a usage error, except for --help", () => {
  assert.throws(() => parseDeblurFlags([]), { name: "UsageError", message: /^Nothing to deblur/ });
  assert.equal(parseDeblurFlags(["--help"]).help, true);
});

Deno.test("DEBLUR_HELP names every device and what it is", () => {
  for (const [name, about] of DEVICE_CHOICES) {
    assert.match(DEBLUR_HELP, new RegExp(`^ +${name} +${RegExp.escape(about)}$`, "m"));
  }
});
