import assert from "node:assert/strict";
import { deviceFlag, deviceHelp } from "../../src/cli/device_flag.ts";
import { DEVICE_CHOICES } from "../../src/model/engine/engine.ts";

Deno.test("deviceFlag: auto by default, else a device of the table", () => {
  assert.equal(deviceFlag(undefined), "auto");
  for (const name of DEVICE_CHOICES.keys()) assert.equal(deviceFlag(name), name);
  assert.throws(
    () => deviceFlag("gpu"),
    /Invalid value "gpu" for --device: expected auto, cuda, .* or wasm$/,
  );
});

Deno.test("deviceHelp: one line for each device", () => {
  const lines = deviceHelp(4).split("\n");
  assert.equal(lines.length, DEVICE_CHOICES.size);
  assert.match(lines[0] ?? "", /^ {4}auto {8}the first of cuda, coreml, directml, webgpu, cpu that works/);
});
