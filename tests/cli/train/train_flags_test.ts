import assert from "node:assert/strict";
import { parseTrainFlags } from "../../../src/cli/train/train_flags.ts";

Deno.test("parseTrainFlags: the defaults, and the settings that are given", () => {
  assert.equal(parseTrainFlags(["--help"]), undefined);
  const defaults = {
    exclude: [],
    blur: "blur",
    every: undefined,
    validate: undefined,
    validateEvery: undefined,
    resume: false,
    preset: undefined,
    init: undefined,
    minutes: undefined,
    device: "tensorflow",
    precision: undefined,
    seed: 1,
    checkpointMinutes: undefined,
    settings: {},
    json: false,
    quiet: false,
  };
  assert.deepEqual(parseTrainFlags(["--data", "a", "-o", "b"]), { ...defaults, data: ["a"], output: "b" });
  const flags = parseTrainFlags([
    ...["--data", "a", "b", "--exclude", "c.png", "d.png", "--data", "e", "-o", "run", "--preset", "smoke"],
    ...["--pair-share", "0.25", "--steps", "9", "--loss", "relative", "--seed", "-3", "--device", "webgpu"],
  ]);
  assert.deepEqual(flags, {
    ...defaults,
    data: ["a", "b", "e"],
    exclude: ["c.png", "d.png"],
    output: "run",
    preset: "smoke",
    settings: { pairShare: 0.25, steps: 9, loss: "relative" },
    seed: -3,
    device: "webgpu",
  });
});

for (
  const [args, message] of [
    [[], /No training data: add --data DIR/],
    [["--data", "a"], /No folder for the run: add -o DIR/],
    [["a", "--data", "b", "-o", "c"], /Unexpected argument "a": training data follows --data/],
    [
      ["--data", "a", "-o", "b", "--steps", "0"],
      /Invalid value "0" for --steps: expected a whole number of at least 1/,
    ],
    [["--data", "a", "-o", "b", "--steps", "9", "--minutes", "9"], /Both --steps and --minutes are given/],
    [["--data", "a", "-o", "b", "--preset", "huge"], /Invalid value "huge" for --preset: expected paper,/],
    [
      ["--data", "a", "-o", "b", "--device", "abacus"],
      /Invalid value "abacus" for --device: expected tensorflow,/,
    ],
    [["--data", "a", "-o", "b", "--blur", "gamma"], /Invalid value "gamma" for --blur/],
    [["--data", "a", "-o", "b", "--rate", "-1"], /Invalid value "-1" for --rate: expected a number above 0/],
    [
      ["--data", "a", "-o", "b", "--rate", "fast"],
      /Invalid value "fast" for --rate: expected a number above 0/,
    ],
    [["--data", "a", "-o", "b", "--pair-share", "2"], /Invalid value "2" for --pair-share: expected a share/],
    [["--data", "a", "-o", "b", "--validate-every", "2"], /--validate-every does nothing without --validate/],
    [["--data", "a", "-o", "b", "--resume", "--preset", "fast"], /--preset does nothing with --resume/],
    [
      ["--data", "a", "-o", "b", "--resume", "--loss", "relative"],
      /--loss does nothing with --resume.*--init/,
    ],
    [["--data", "a", "-o", "b", "--resume", "--seed", "2"], /--seed does nothing with --resume/],
    [["--data", "a", "-o", "b", "--epochs", "2"], /--epochs/],
  ] as const
) {
  Deno.test(`parseTrainFlags: ${args.join(" ") || "nothing"} is a usage error`, () => {
    assert.throws(() => parseTrainFlags(args), { name: "UsageError", message });
  });
}
