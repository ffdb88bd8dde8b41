import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";
import { trainingFolder } from "../../helpers/tiny_training.ts";
import { PERMISSIONS } from "../../helpers/permissions.ts";

const PROGRAM = fileURLToPath(new URL("../../fixtures/train_steps.ts", import.meta.url));

/** Runs the fixture in a process of its own, with one thread: sums are then always taken in one order. */
function run(...args: string[]): Promise<{ lines: string[]; signal: string | null }> {
  const env = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1" };
  return new Promise((resolve, reject) => {
    execFile(
      execPath,
      ["run", "--quiet", "--no-prompt", ...PERMISSIONS, "--allow-run", PROGRAM, ...args],
      { env: { ...Deno.env.toObject(), ...env } },
      (error, stdout, stderr) => {
        const signal = error?.signal ?? null;
        if (error && signal === null) return reject(new Error(stderr, { cause: error }));
        resolve({ lines: stdout.split("\n").filter((line) => line !== ""), signal });
      },
    );
  });
}

for (
  const [device, precision] of [
    ["javascript", "float32"],
    ["tensorflow", "float32"],
    ["tensorflow", "bfloat16"],
  ] as const
) {
  const isThere = device !== "tensorflow" || isNativeTensorFlowBuilt();
  Deno.test({
    name:
      `train on ${device} in ${precision}: 20 steps, and 10, SIGKILL, 10 more, give the same losses bit for bit` +
      (isThere ? "" : " (native TensorFlow is not built)"),
    ignore: !isThere,
    async fn() {
      await using data = await trainingFolder();
      const begin = (folder: string, ...how: string[]) =>
        run(data.path, join(data.path, folder), device, precision, ...how);
      const straight = await begin("straight", "never");
      assert.equal(straight.lines.length, 20);
      assert.match(straight.lines[0] ?? "", /^1 0\.\d{6,}$/);
      const first = await begin("broken", "10");
      assert.deepEqual([first.signal, first.lines.length], ["SIGKILL", 10]);
      const second = await begin("broken", "never", "resume");
      assert.equal(second.lines[0]?.split(" ")[0], "11");
      assert.deepEqual([...first.lines, ...second.lines], straight.lines);
    },
  });
}
