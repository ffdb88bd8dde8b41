import { inflate } from "@sparticuz/chromium";
import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import type { AutoCandidate } from "../../../src/model/engine/auto_devices.ts";
import type { DeviceCheck } from "../../../src/model/engine/check_devices.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const FIXTURE = fileURLToPath(new URL("../../fixtures/check_devices.ts", import.meta.url));

/** A folder in which programs find SwiftShader, the renderer that the tests' browser carries, in place of the system's Vulkan. */
async function softwareVulkan() {
  const folder = await temporaryFolder();
  const bin = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "../bin");
  const library = join(await inflate(join(bin, "swiftshader.tar.br")), "libvk_swiftshader.so");
  await symlink(library, folder.file("libvulkan.so.1"));
  return folder;
}

Deno.test({
  name:
    "checkDevices: both WebGPU devices give the bytes of cpu within 1 on a software renderer, which auto passes over",
  ignore: platform !== "linux" || arch !== "x64", // what the package is for
  async fn() {
    await using folder = await softwareVulkan();
    const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
    const permissions = ["--allow-read", "--allow-env", "--allow-sys", "--allow-ffi"];
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--unstable-webgpu",
        ...permissions,
        FIXTURE,
        weights,
        "webgpu",
        "webgpu-onnx",
        "cpu",
      ],
      env: { LD_LIBRARY_PATH: folder.path },
    });
    const { success, stdout, stderr } = await command.output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const said: { checks: DeviceCheck[]; auto: AutoCandidate[] } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    assert.deepEqual(said.checks.map(({ device }) => device), ["cpu", "webgpu", "webgpu-onnx"]);
    for (const check of said.checks) {
      assert.ok(check.works, JSON.stringify(check));
      assert.ok(check.megapixelsPerSecond > 0);
      if (check.device === "cpu") assert.equal(check.worstDifference, undefined);
      else assert.ok((check.worstDifference ?? NaN) <= 1, JSON.stringify(check));
    }
    for (const device of ["webgpu", "webgpu-onnx"]) {
      const candidate = said.auto.find((candidate) => candidate.device === device);
      assert.match(candidate?.passedOver ?? "", /SwiftShader.* is a software renderer/);
    }
  },
});
