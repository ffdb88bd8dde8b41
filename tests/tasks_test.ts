import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { writeSmokeWeights } from "./helpers/smoke_weights.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));

/** Runs a task as someone does who stands in `folder`; `INIT_CWD` is how npm tells where that is. */
async function runTask(folder: string, args: readonly string[], initCwd?: string) {
  const { INIT_CWD: _, ...inherited } = process.env;
  const env = { ...inherited, ...(initCwd !== undefined && { INIT_CWD: initCwd }) };
  return await promisify(execFile)(Deno.execPath(), ["task", "--quiet", "--config", CONFIG, ...args], {
    cwd: folder,
    env,
  });
}

Deno.test("tasks: a relative path starts where the user is, not where deno.json is", async () => {
  await using folder = await temporaryFolder();
  await writeSmokeWeights(folder.file("here.safetensors"));
  await runTask(folder.path, ["export", "here.safetensors", "-o", "here.onnx"]);
  assert.ok((await stat(join(folder.path, "here.onnx"))).size > 0);
});

Deno.test("tasks: a folder that is gone breaks no command", async () => {
  await using folder = await temporaryFolder();
  const { stdout } = await runTask(folder.path, ["presets"], folder.file("gone"));
  assert.match(stdout, /^fast /m);
});

Deno.test("tasks: every command goes to the user's folder first", async () => {
  const { default: config } = await import("../deno.json", { with: { type: "json" } });
  for (
    const name of [
      "deblur",
      "deblur:ffmpeg",
      "deblur:workers",
      "serve",
      "work",
      "jobs",
      "synth",
      "train",
      "evaluate",
      "export",
      "presets",
      "doctor",
      "bench",
    ] as const
  ) {
    assert.match(config.tasks[name].command, /^ROOT=\$PWD; cd "\$INIT_CWD"; deno run .*"\$ROOT\/[\w/]+\.ts"/);
  }
});

Deno.test("tasks: who restores on this machine alone may reach nothing but this machine", async () => {
  const { default: { tasks } } = await import("../deno.json", { with: { type: "json" } });
  const networkOf = (name: keyof typeof tasks) => {
    const task = tasks[name];
    return /--allow-net\S*/.exec(typeof task === "string" ? task : task.command)?.[0];
  };
  assert.equal(networkOf("deblur"), "--allow-net=127.0.0.1,localhost");
  assert.equal(networkOf("deblur:ffmpeg"), "--allow-net=127.0.0.1");
  for (const name of ["synth", "train", "evaluate", "export", "presets", "doctor", "bench"] as const) {
    assert.equal(networkOf(name), undefined, name);
  }
});
