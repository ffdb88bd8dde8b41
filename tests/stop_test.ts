import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { NetworkConfig } from "../src/model/network/config.ts";
import { collectFrames } from "./helpers/collect_frames.ts";
import { streamServer } from "./helpers/live_server.ts";
import { makeClip } from "./helpers/make_clip.ts";
import { runCli } from "./helpers/run_cli.ts";
import { writeSmokeWeights } from "./helpers/smoke_weights.ts";
import { isGroupAlive, pressCtrlC, RUN_CLI, startCli } from "./helpers/start_cli.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

/** So much work for each pixel that one frame takes seconds on any machine. */
const SLOW: NetworkConfig = {
  channels: [128],
  strides: [1],
  residualBlocks: 12,
  scales: 1,
  frames: 1,
  twoWay: true,
  inputSkip: true,
};

async function slowJob() {
  const folder = await temporaryFolder();
  const [input, weights] = [folder.file("clip.mp4"), folder.file("slow.safetensors")];
  await makeClip(input, { width: 640, height: 360, pts: [0, 1, 2] });
  await writeSmokeWeights(weights, SLOW);
  return {
    args: [input, "--weights", weights, "--device", "cpu"],
    names: async () => (await readdir(folder.path)).sort(),
    /** Until the first frames are on their way. */
    begun: async () => {
      while (!await stat(folder.file("clip.deblurred.mp4.part")).catch(() => undefined)) await delay(20);
      await delay(1000);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

for (const command of [["deblur"], ["deblur", "--dry-run"]]) {
  const isDry = command.includes("--dry-run");
  Deno.test({
    name: `cli: Ctrl-C ends ${command.join(" ")} at once: exit code 130, no file, no process`,
    ignore: Deno.build.os === "windows", // has no signals
    async fn() {
      await using job = await slowJob();
      const before = await job.names();
      const { child, stderr, ended } = startCli([...command, ...job.args]);
      try {
        await (isDry ? delay(2500) : job.begun());
        assert.equal(child.exitCode, null, `it ended before it was stopped: ${stderr()}`);
        await pressCtrlC(child);
        const inTime = new AbortController();
        const late = delay(3000, "late", { signal: inTime.signal }).catch(() => "in time");
        const how = await Promise.race([ended, late]);
        inTime.abort();
        await late;
        assert.deepEqual(how, [130, null]);
      } finally {
        child.kill("SIGKILL");
        await ended;
      }
      assert.equal(stderr(), "Stopped\n");
      assert.deepEqual(await job.names(), before);
      assert.equal(isGroupAlive(child), false);
    },
  });
}

Deno.test({
  name: "cli: a terminal that is closed ends deblur, no file is left",
  ignore: Deno.build.os !== "linux", // whose `script` makes a terminal like this
  async fn() {
    await using job = await slowJob();
    const before = await job.names();
    const command = [Deno.execPath(), ...RUN_CLI, "deblur", ...job.args];
    const quoted = command.map((part) => `'${part}'`).join(" ");
    const terminal = spawn("script", ["-qec", `exec ${quoted}`, "/dev/null"], { stdio: "ignore" });
    const ended = once(terminal, "close");
    try {
      await job.begun();
    } finally {
      terminal.kill("SIGKILL");
      await ended;
    }
    const until = Date.now() + 3000;
    while (Date.now() < until && (await job.names()).length > before.length) await delay(20);
    assert.deepEqual(await job.names(), before);
  },
});

Deno.test({
  name: "cli: Ctrl-C completes the recording of a live source: exit code 0, no process",
  ignore: Deno.build.os === "windows", // has no signals
  async fn() {
    await using folder = await temporaryFolder();
    const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
    const output = folder.file("out.mkv");
    await using server = await streamServer(100, "falls silent");
    const args = ["deblur", server.address, "-o", output, "--weights", weights, "--device", "cpu"];
    const { child, stderr, ended } = startCli(args);
    try {
      const hasBegun = () => /^Recording to .*; press Ctrl-C to complete it$/m.test(stderr());
      while (!hasBegun() && child.exitCode === null) await delay(20);
      await pressCtrlC(child);
      assert.deepEqual(await ended, [0, null]);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    const [, frames] = /\n[^\n]*out\.mkv: (\d+) frames? of 48x32/.exec(stderr()) ?? [];
    assert.equal((await collectFrames(output)).length, Number(frames), stderr());
    assert.equal(isGroupAlive(child), false);
  },
});

Deno.test("deblur: stopped in the middle of a frame it says so, gives the cursor back and leaves nothing", async () => {
  await using job = await slowJob();
  const before = await job.names();
  const ending = new AbortController();
  const bar = Promise.withResolvers<void>();
  const running = runCli(["deblur", ...job.args], {
    signal: ending.signal,
    isTerminal: true,
    onStderr: (text) => text.includes("\x1b[?25l") && bar.resolve(),
  });
  await bar.promise;
  ending.abort(new DOMException("Stopped by the user", "AbortError"));
  const { code, stdout, stderr } = await running;
  assert.deepEqual([code, stdout], [130, ""]);
  assert.ok(stderr.lastIndexOf("\x1b[?25h") > stderr.lastIndexOf("\x1b[?25l"), "the cursor is shown");
  assert.match(stderr, /\nStopped\n$/);
  assert.deepEqual(await job.names(), before);
});
