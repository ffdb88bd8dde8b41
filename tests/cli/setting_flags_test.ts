import assert from "node:assert/strict";
import { flagOf, givenSettings, settingFlags, settingsHelp } from "../../src/cli/setting_flags.ts";
import { SYNTH_HELP } from "../../src/cli/synth/synth_flags.ts";
import { TRAIN_HELP } from "../../src/cli/train/train_flags.ts";
import { count, range } from "../../src/train/setting.ts";
import { SETTINGS } from "../../src/train/settings.ts";
import { PHOTO_SETTINGS, SYNTH_SETTINGS } from "../../src/train/synth/synth_options.ts";

const SOME = {
  pairCount: count("Number of pairs"),
  gap: range("Frames skipped", { least: 0, most: 9 }, "0..5"),
};

Deno.test("settingFlags: a flag for each setting, its name in kebab case", () => {
  assert.deepEqual(settingFlags(SOME), { "pair-count": { type: "string" }, gap: { type: "string" } });
});

Deno.test("givenSettings: the values of the flags that are given, and the flag that is not valid", () => {
  assert.deepEqual(givenSettings(SOME, {}), {});
  assert.deepEqual(givenSettings(SOME, { "pair-count": "3", gap: "1..2", quiet: true }), {
    pairCount: 3,
    gap: { least: 1, most: 2 },
  });
  assert.throws(() => givenSettings(SOME, { "pair-count": "0" }), {
    name: "UsageError",
    message: 'Invalid value "0" for --pair-count: expected a whole number of at least 1',
  });
});

Deno.test("settingsHelp: wraps what a setting does, below a flag that is too long", () => {
  const help = settingsHelp(
    { ...SOME, pairCount: count("word ".repeat(40).trim()) },
    12,
    (name) => name === "gap" ? "default 0..5" : undefined,
  );
  const lines = help.split("\n");
  assert.equal(lines[0], "  --pair-count N");
  assert.match(lines[1] ?? "", /^ {12}word/);
  assert.equal(lines.at(-1), "            Frames skipped (default 0..5)");
  assert.ok(lines.every((line) => line.length <= 125));
});

for (
  const [help, settings] of [[TRAIN_HELP, SETTINGS], [SYNTH_HELP, {
    ...SYNTH_SETTINGS,
    ...PHOTO_SETTINGS,
  }]] as const
) {
  for (const name of Object.keys(settings)) {
    Deno.test(`${help.slice(0, help.indexOf("\n"))}: the help says what ${name} does`, () => {
      assert.match(help, new RegExp(`^  --${flagOf(name)} \\S+`, "m"));
    });
  }
}
