import assert from "node:assert/strict";
import { platform } from "node:process";
import { checkDevices, type DeviceCheck } from "../../../src/model/engine/check_devices.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

const weights = randomWeights(PRESETS.smoke);
const absent = platform === "win32" ? "coreml" : "directml";

async function check(options: Partial<Parameters<typeof checkDevices>[0]>): Promise<DeviceCheck[]> {
  return await Array.fromAsync(checkDevices({ weights, ...options }));
}

Deno.test("checkDevices: cpu first, others compared with it; one that does not work says why and what it takes", async () => {
  const [cpu, missing, wasm, ...more] = await check({ devices: [absent, "wasm", "cpu"] });
  assert.deepEqual([cpu?.device, missing?.device, wasm?.device, more], ["cpu", absent, "wasm", []]);
  assert.ok(cpu?.works && cpu.megapixelsPerSecond > 0 && cpu.worstDifference === undefined);
  assert.ok(wasm?.works && (wasm.worstDifference ?? NaN) <= 1);
  assert.ok(missing?.works === false);
  assert.match(missing.why, /^is not part of ONNX Runtime on this machine$/);
  assert.match(missing.requires, platform === "win32" ? /macOS/ : /Windows/);
});

Deno.test("checkDevices: a device that takes too long is given up, and aborting ends it all", async () => {
  const [cpu] = await check({ devices: ["cpu"], timeout: 0.001 });
  assert.ok(cpu?.works === false);
  assert.match(cpu.why, /gave no result within 0\.001 s/);
  const reason = new Error("enough");
  await assert.rejects(check({ devices: ["cpu"], signal: AbortSignal.abort(reason) }), reason);
  await assert.rejects(check({ weights: "no/such.safetensors", devices: ["cpu"] }), { name: "WeightsError" });
});
