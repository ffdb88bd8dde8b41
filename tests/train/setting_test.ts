import assert from "node:assert/strict";
import { OptionError } from "../../src/errors.ts";
import {
  checkSettings,
  choice,
  count,
  invalidSetting,
  number,
  range,
  type Setting,
  settingText,
  share,
} from "../../src/train/setting.ts";

const CASES:
  readonly (readonly [setting: Setting<unknown>, valid: readonly string[], invalid: readonly string[]])[] = [
    [number("", "", (n) => n > 2), ["2.5", "1e3"], ["2", "", "many", " "]],
    [count(""), ["1", "99"], ["0", "1.5", "-1", "1e99"]],
    [count("", { least: 0, most: 3 }), ["0", "3"], ["4", "-1"]],
    [share("x"), ["0", "0.5", "1"], ["1.1", "-0.1", "NaN"]],
    [choice("", ["a", "b"]), ["a", "b"], ["", "c", "A"]],
    [range("", { least: 1, most: 9 }, "2..3"), ["1..9", "3", "4..4"], [
      "0..3",
      "3..10",
      "5..4",
      "1..",
      "x",
      "1.5..2",
      "",
    ]],
  ];

for (const [setting, valid, invalid] of CASES) {
  Deno.test(`a setting that expects ${setting.expected || "what it is told"}: text in, valid or not`, () => {
    for (const text of valid) assert.ok(setting.isValid(setting.parse(text)), `"${text}"`);
    for (const text of invalid) assert.ok(!setting.isValid(setting.parse(text)), `"${text}"`);
    for (const value of [undefined, null, {}, [], NaN, Infinity]) {
      assert.equal(setting.isValid(value), setting.expected === "" && value === Infinity, String(value));
    }
  });
}

Deno.test("settingText: ranges as a flag writes them", () => {
  const texts = [{ least: 7, most: 13 }, { least: 9, most: 9 }, "gopro", 1.5, [1, 5], undefined].map(
    settingText,
  );
  assert.deepEqual(texts, ["7..13", "9", "gopro", "1.5", "[1,5]", "undefined"]);
});

Deno.test("checkSettings names the first value that is not valid, or missing, and what is", () => {
  const settings = { steps: count(""), share: share("crops") };
  checkSettings(settings, { steps: 1, share: 0, other: "is not looked at" });
  for (
    const [values, message] of [
      [{ steps: 0, share: 2 }, "Invalid value 0 for steps: expected a whole number of at least 1"],
      [{ steps: 1 }, "Invalid value undefined for share: expected a share from 0 to 1"],
    ] as const
  ) {
    assert.throws(() => checkSettings(settings, values), { message });
  }
  assert.ok(invalidSetting("a", 1, "b") instanceof OptionError);
});
