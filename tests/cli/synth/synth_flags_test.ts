import assert from "node:assert/strict";
import {
  parseSynthFlags,
  photoOptions,
  synthOptions,
  videoOptions,
} from "../../../src/cli/synth/synth_flags.ts";

const parse = (text: string) => parseSynthFlags(text.split(" ").filter(Boolean));

Deno.test("synthOptions: only what was given, so that the library's defaults hold", () => {
  assert.deepEqual(synthOptions(parse("a.mp4 -o out").flags), { force: false, overwrite: false });
  const { flags, footage } = parse(
    "a.mp4 b.mp4 -o out --mode realistic --frames 9 --gap 0..3 --gamma srgb --h264 20..32 --seed 7",
  );
  assert.deepEqual(footage, ["a.mp4", "b.mp4"]);
  assert.deepEqual(synthOptions(flags), {
    mode: "realistic",
    seed: 7,
    frames: { least: 9, most: 9 },
    gap: { least: 0, most: 3 },
    gamma: "srgb",
    h264: { least: 20, most: 32 },
    force: false,
    overwrite: false,
  });
});

Deno.test("photoOptions, videoOptions: size, number of pairs, length", () => {
  assert.deepEqual(photoOptions(parse("--photos p -o out --pairs 3 --size 640x480").flags), {
    pairs: 3,
    width: 640,
    height: 480,
  });
  assert.deepEqual(
    videoOptions(parse("--photos p --video v.mp4 --seconds 1:05 --seed 2 --overwrite").flags),
    {
      seconds: 65,
      seed: 2,
      overwrite: true,
    },
  );
});

Deno.test("parseSynthFlags: --help needs nothing else", () => {
  assert.equal(parse("--help").flags.help, true);
});

const USAGE: readonly (readonly [args: string, message: RegExp])[] = [
  ["", /Nothing to make pairs of: give FOOTAGE\.\.\. or --photos DIR/],
  ["a.mp4", /add -o DIR/],
  ["a.mp4 -o out --mode best", /Invalid value "best" for --mode: expected gopro or realistic/],
  ["a.mp4 -o out --gamma 2.4", /Invalid value "2.4" for --gamma: expected 2.2, srgb or none/],
  [
    "a.mp4 -o out --frames many",
    /Invalid value "many" for --frames: expected a whole number or a range like 7\.\.13, from 1 to 999/,
  ],
  ["a.mp4 -o out --seed x", /Invalid value "x" for --seed: expected a whole number/],
  ["a.mp4 -o out --seed 1.5", /Invalid value "1.5" for --seed: expected a whole number/],
  ["a.mp4 -o out --pairs 3", /--pairs does nothing without --photos/],
  ["a.mp4 -o out --photos p", /Both --photos and footage/],
  ["--photos p -o out --gap 2", /--gap does nothing with --photos/],
  ["--photos p -o out --pairs 0", /Invalid value "0" for --pairs: expected a whole number of at least 1/],
  ["--photos p -o out --size big", /Invalid value "big" for --size/],
  ["--photos p --video v.mp4 -o out", /Both --video and -o/],
  ["a.mp4 -o out --pair a_00/000001", /--pair does nothing without --manifest/],
  ["--manifest m.json a.mp4 -o out --seed 2", /--seed does nothing with --manifest/],
  ["--manifest m.json -o out", /Nothing to make pairs of/],
  ["a.mp4 -o out --sharpen", /--sharpen/],
];

for (const [args, message] of USAGE) {
  Deno.test(`parseSynthFlags: ${args || "nothing"} is a usage error`, () => {
    assert.throws(() => {
      const { flags } = parse(args);
      synthOptions(flags);
      photoOptions(flags);
    }, { name: "UsageError", message });
  });
}
