import assert from "node:assert/strict";
import { autoDevices } from "../../../src/model/engine/auto_devices.ts";
import { AUTOMATIC_DEVICES } from "../../../src/model/engine/engine.ts";

Deno.test("autoDevices: devices of the table, in its order, cpu always and last", async () => {
  const devices = await autoDevices();
  assert.equal(devices.at(-1), "cpu");
  assert.deepEqual(devices, AUTOMATIC_DEVICES.filter((device) => devices.includes(device)));
});
