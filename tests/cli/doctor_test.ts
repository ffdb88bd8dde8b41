import assert from "node:assert/strict";
import { doctorCommand } from "../../src/cli/doctor.ts";
import type { DeviceCheck } from "../../src/model/engine/check_devices.ts";
import { runCli } from "../helpers/run_cli.ts";

async function* found(): AsyncGenerator<DeviceCheck> {
  yield { device: "cpu", works: true, secondsToOpen: 0.5, megapixelsPerSecond: 2.345 };
  yield { device: "wasm", works: true, secondsToOpen: 1, megapixelsPerSecond: 0.0123, worstDifference: 1 };
  yield await Promise.resolve(
    { device: "coreml", works: false, why: "is not here", requires: "macOS" } as const,
  );
}

async function doctor(args: readonly string[], check: () => AsyncGenerator<DeviceCheck>) {
  const said = { stdout: "", stderr: "" };
  const code = await doctorCommand(args, {
    stdout: (text) => said.stdout += text,
    stderr: (text) => said.stderr += text,
    isTerminal: false,
    signal: new AbortController().signal,
  }, check);
  return { code, ...said };
}

Deno.test("doctor: a line for each device: speed and difference, or why not and what it takes; and what auto takes", async () => {
  const { code, stdout } = await doctor([], found);
  assert.equal(code, 0);
  assert.match(stdout, /^.* threads, \d+ GiB, \w+ \w+, Deno /);
  assert.match(stdout, /^cpu +works: 2\.35 megapixels a second, opens in 0\.5 s$/m);
  assert.match(stdout, /^wasm +works: 0\.0123 megapixels a second, differs from cpu by 1 at most/m);
  assert.match(stdout, /^coreml +no: is not here\n +takes macOS$/m);
  assert.match(stdout, /^--device auto takes cpu$/m);
});

Deno.test("doctor: says where auto computes with int8, how fast, and how far that is from float32", async () => {
  const int8 = { megapixelsPerSecond: 5.678, worstDifference: 4 };
  const { stdout } = await doctor([], async function* () {
    yield await Promise.resolve(
      {
        ...{ device: "cpu", works: true, secondsToOpen: 0.5, megapixelsPerSecond: 2.345, int8 },
      } as const,
    );
  });
  const line = "with int8, which auto takes: 5.68 megapixels a second, differs from float32 by 4 at most";
  assert.ok(stdout.includes(`opens in 0.5 s\n             ${line}\n`), stdout);
});

Deno.test("doctor: says what a GPU does with float16, or why it refuses it", async () => {
  const gpu = { device: "cuda", works: true, secondsToOpen: 0.5, megapixelsPerSecond: 2.345 } as const;
  const { stdout } = await doctor([], async function* () {
    yield { ...gpu, float16: { megapixelsPerSecond: 5.678, worstDifference: 1 } };
    yield await Promise.resolve({ ...gpu, device: "webgpu-onnx", float16: { why: "it cannot" } } as const);
  });
  const line =
    "with float16 (--precision float16): 5.68 megapixels a second, differs from float32 by 1 at most";
  assert.ok(stdout.includes(`opens in 0.5 s\n             ${line}\n`), stdout);
  assert.ok(stdout.includes("with float16 (--precision float16): no: it cannot\n"), stdout);
});

Deno.test("doctor --json: the same for programs; no device that works is a failure", async () => {
  const { code, stdout } = await doctor(["--json"], found);
  assert.equal(code, 0);
  const { machine, devices, auto } = JSON.parse(stdout);
  assert.match(machine, /threads/);
  assert.deepEqual(devices, await Array.fromAsync(found()));
  assert.equal(auto.device, "cpu");
  const none = await doctor(["--json"], async function* () {
    yield await Promise.resolve({ device: "cpu", works: false, why: "no", requires: "one" } as const);
  });
  assert.equal(none.code, 1);
  assert.equal(JSON.parse(none.stdout).auto.device, null);
});

Deno.test("doctor: --help explains it, an argument is refused", async () => {
  assert.match((await runCli(["doctor", "--help"])).stdout, /Try every device/);
  const { code, stderr } = await runCli(["doctor", "gpu"]);
  assert.deepEqual([code, stderr], [2, 'Unexpected argument "gpu": doctor takes none\n']);
});
