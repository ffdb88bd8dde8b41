import assert from "node:assert/strict";
import { isPreset, PRESETS } from "../../src/model/network/config.ts";
import { TRAIN_HELP } from "../../src/cli/train_flags.ts";
import { trainConfig } from "../../src/train/config.ts";
import { flagOf, SETTING_NAMES, SETTINGS } from "../../src/train/settings.ts";

for (const name of SETTING_NAMES) {
  Deno.test(`SETTINGS: ${name} is what every preset sets it to, as a value and as a flag's text`, () => {
    for (const preset of Object.keys(PRESETS).filter(isPreset)) {
      const value = trainConfig(preset)[name];
      const setting = SETTINGS[name];
      assert.ok(setting.isRight(value), `${preset}: ${value}`);
      assert.equal(setting.parse(String(value)), value);
    }
  });

  Deno.test(`SETTINGS: ${name} is neither empty, nor nothing, nor anything but what it takes`, () => {
    const { isRight, parse, takes } = SETTINGS[name];
    for (const wrong of [parse(""), parse("many"), undefined, null, NaN, Infinity, -1, []]) {
      assert.equal(isRight(wrong), false, `${name} takes ${takes}, not ${wrong}`);
    }
  });

  Deno.test(`SETTINGS: --help says what ${name} does`, () => {
    assert.match(TRAIN_HELP, new RegExp(`--${flagOf(name)} `));
  });
}
