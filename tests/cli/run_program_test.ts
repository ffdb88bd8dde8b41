import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/stuck_program.ts", import.meta.url));

function startStuck(...args: readonly string[]) {
  const child = spawn(
    Deno.execPath(),
    ["run", "--quiet", "--allow-read", "--allow-write", PROGRAM, ...args],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let stderr = "";
  child.stderr.on("data", (chunk) => stderr += String(chunk));
  return {
    child,
    ended: once(child, "close"),
    // Not `child.kill`: Deno then reports the signal as the end of a child that handled it.
    interrupt: () => process.kill(child.pid ?? 0, "SIGINT"),
    async said(line: string) {
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
      while (!stderr.includes(line) && !hasEnded()) await delay(10);
      assert.ok(stderr.includes(line), stderr);
    },
  };
}

for (const kind of ["file", "folder"]) {
  Deno.test({
    name:
      `runProgram: a program that does not stop in time exits with 130, and its unfinished ${kind} is gone`,
    ignore: Deno.build.os === "windows", // has no signals
    async fn() {
      await using folder = await temporaryFolder();
      const { child, ended, said, interrupt } = startStuck(folder.file("out"), kind);
      try {
        await said("started");
        assert.deepEqual((await readdir(folder.path)).sort(), ["out.part", "out.part.lock"]);
        interrupt();
        assert.deepEqual(await ended, [130, null]);
        assert.deepEqual(await readdir(folder.path), []);
      } finally {
        child.kill("SIGKILL");
        await ended;
      }
    },
  });
}

Deno.test({
  name: "runProgram: a second Ctrl-C ends a program that caught the first, and its unfinished file is gone",
  ignore: Deno.build.os === "windows", // has no signals
  async fn() {
    await using folder = await temporaryFolder();
    const { child, ended, said, interrupt } = startStuck(folder.file("out"), "file", "catches");
    try {
      await said("started");
      interrupt();
      await said("caught");
      await delay(600); // signals within half a second are one
      interrupt();
      assert.deepEqual(await ended, [130, null]);
      assert.deepEqual(await readdir(folder.path), []);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  },
});

Deno.test("runProgram: where nobody reads its output any more, the work goes on to its end, without a trace of an error", async () => {
  const program = fileURLToPath(new URL("../fixtures/talkative_program.ts", import.meta.url));
  const child = spawn(Deno.execPath(), ["run", "--quiet", "--allow-read", program], { stdio: "pipe" });
  let stderr = "";
  child.stderr.on("data", (chunk) => stderr += String(chunk));
  const ended = once(child, "close");
  child.stdout.destroy();
  await once(child.stdout, "close");
  child.stdin.end();
  assert.deepEqual(await ended, [0, null]);
  assert.equal(stderr, "done\n");
});
