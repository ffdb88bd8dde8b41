import assert from "node:assert/strict";
import { deviceFlag, deviceHelp, precisionFlag, precisionHelp } from "../../src/cli/device_flag.ts";
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

Deno.test("precisionFlag: auto by default, else a precision of the table, each with a line of help", () => {
  assert.deepEqual([precisionFlag(undefined), precisionFlag("int8")], ["auto", "int8"]);
  assert.throws(() => precisionFlag("int4"), { name: "UsageError", message: /--precision.*float32/ });
  assert.match(precisionHelp(2), /^ {2}auto .*\n {2}float32 .*\n {2}float16 .*\n {2}int8 /);
});
