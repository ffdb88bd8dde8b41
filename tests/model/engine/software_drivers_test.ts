import { inflate } from "@sparticuz/chromium";
import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import type { AutoCandidate } from "../../../src/model/engine/auto_devices.ts";
import type { DeviceCheck } from "../../../src/model/engine/check_devices.ts";
import { shippedWeights } from "../../../src/model/weights/shipped_weights.ts";
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

interface Found {
  readonly checks: readonly DeviceCheck[];
  readonly auto: readonly AutoCandidate[];
}

/** What a process of its own says. SwiftShader may crash while it ends, when all has been said. */
async function checkOn(vulkan: string, device: string): Promise<Found> {
  const permissions = ["--allow-read", "--allow-env", "--allow-sys", "--allow-ffi"];
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--unstable-webgpu",
      ...permissions,
      FIXTURE,
      shippedWeights("fast"),
      "32",
      device,
      "cpu",
    ],
    env: { LD_LIBRARY_PATH: vulkan },
  });
  const { stdout, stderr } = await command.output();
  assert.ok(stdout.length > 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (const device of ["webgpu", "webgpu-onnx"]) {
  Deno.test({
    name:
      `checkDevices: ${device} gives the bytes of cpu within 1 on a software renderer without float16, which auto does not take`,
    ignore: platform !== "linux" || arch !== "x64", // what the package is for
    async fn() {
      await using folder = await softwareVulkan();
      const { checks, auto } = await checkOn(folder.path, device);
      const [cpu, found] = checks;
      assert.deepEqual(checks.map(({ device }) => device), ["cpu", device]);
      assert.ok(cpu?.works && cpu.worstDifference === undefined, JSON.stringify(cpu));
      assert.ok(found?.works && found.megapixelsPerSecond > 0, JSON.stringify(found));
      assert.ok((found.worstDifference ?? NaN) <= 1, JSON.stringify(found));
      if (device === "webgpu-onnx") {
        assert.ok(found.float16 && "why" in found.float16, JSON.stringify(found));
        assert.match(
          found.float16.why,
          /^cannot compute with float16 \(.*f16.*\)\. Use --precision float32$/,
        );
      } else assert.equal(found.float16, undefined);
      const webgpu = auto.find(({ device }) => device === "webgpu");
      assert.match(webgpu?.passedOver ?? "", /SwiftShader.* is a software renderer/);
      assert.ok(auto.every(({ device }) => device !== "webgpu-onnx"));
    },
  });
}
