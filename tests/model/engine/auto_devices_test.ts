import assert from "node:assert/strict";
import { autoDevices, passedOverNote } from "../../../src/model/engine/auto_devices.ts";
import { AUTOMATIC_DEVICES } from "../../../src/model/engine/engine.ts";
import { requestGpuAdapter } from "../../../src/model/tfjs/gpu_adapter.ts";

Deno.test("autoDevices: devices of the table, in its order, cpu always and last; without a GPU, WebGPU is passed over", async () => {
  const candidates = await autoDevices();
  const devices = candidates.map(({ device }) => device);
  assert.deepEqual(candidates.at(-1), { device: "cpu" });
  assert.deepEqual(devices, AUTOMATIC_DEVICES.filter((device) => devices.includes(device)));
  const adapter = await requestGpuAdapter();
  const webgpu = candidates.find(({ device }) => device === "webgpu");
  const isUsable = adapter !== null && !adapter.info.isFallbackAdapter;
  assert.equal(webgpu?.passedOver === undefined, isUsable, webgpu?.passedOver);
});

Deno.test("passedOverNote: one line, each reason once", () => {
  const note = passedOverNote([
    { device: "cuda", passedOver: "no files" },
    { device: "webgpu", passedOver: "no GPU was found" },
    { device: "coreml", passedOver: "no GPU was found" },
    { device: "directml" },
  ], "cpu");
  assert.equal(note, 'Using "cpu" (cuda: no files; webgpu, coreml: no GPU was found)');
  assert.equal(passedOverNote([{ device: "cpu" }], "cpu"), undefined);
});
