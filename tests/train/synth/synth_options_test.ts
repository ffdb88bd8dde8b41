import assert from "node:assert/strict";
import { settingText } from "../../../src/train/setting.ts";
import { SYNTH_DEFAULTS, SYNTH_SETTINGS } from "../../../src/train/synth/synth_options.ts";

for (const [name, value] of Object.entries(SYNTH_DEFAULTS)) {
  Deno.test(`SYNTH_DEFAULTS: ${name} is valid, as a value and as a flag's text`, () => {
    const setting = SYNTH_SETTINGS[name as keyof typeof SYNTH_DEFAULTS];
    assert.ok(setting.isValid(value));
    assert.deepEqual(setting.parse(settingText(value)), value);
  });
}

Deno.test("SYNTH_SETTINGS: the limits of JPEG and x264", () => {
  const { jpeg, h264 } = SYNTH_SETTINGS;
  assert.deepEqual([0, 1, 100, 101].map(jpeg.isValid), [false, true, true, false]);
  assert.deepEqual(["0..51", "23", "0..52"].map((text) => h264.isValid(h264.parse(text))), [
    true,
    true,
    false,
  ]);
});
