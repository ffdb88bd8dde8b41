import assert from "node:assert/strict";
import { isPreset, PRESETS } from "../../src/model/network/config.ts";
import { trainConfig } from "../../src/train/config.ts";
import { type SettingName, SETTINGS } from "../../src/train/settings.ts";

const NAMES = Object.keys(SETTINGS) as SettingName[];

for (const name of NAMES) {
  Deno.test(`SETTINGS: ${name} is what every preset sets it to, as a value and as a flag's text`, () => {
    for (const preset of Object.keys(PRESETS).filter(isPreset)) {
      const value = trainConfig(preset)[name];
      const setting = SETTINGS[name];
      assert.ok(setting.isValid(value), `${preset}: ${value}`);
      assert.equal(setting.parse(String(value)), value);
    }
  });

  Deno.test(`SETTINGS: ${name} refuses everything else, empty text and missing values included`, () => {
    const { isValid, parse, expected } = SETTINGS[name];
    for (const wrong of [parse(""), parse("many"), undefined, null, NaN, Infinity, -1, []]) {
      assert.equal(isValid(wrong), false, `${name} is ${expected}, not ${wrong}`);
    }
  });
}
