import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { FFmpegError } from "../../../src/errors.ts";
import { FfmpegProcess } from "../../../src/stream/process/ffmpeg_process.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const onUnix = Deno.build.os !== "windows";

Deno.test({
  name:
    "FfmpegProcess: a megabyte on stderr does not block it, and disposing leaves no process, however stubborn",
  ignore: !onUnix,
  fn: async () => {
    await using folder = await temporaryFolder();
    const [fake, pid] = [folder.file("ffmpeg"), folder.file("pid")];
    const noise =
      `i=0; while [ $i -lt 16000 ]; do echo "a line of noise that is sixty-four characters long, as good as any" >&2; i=$((i+1)); done`;
    const script =
      `#!/bin/sh\ncase "$*" in *-encoders*|*-formats*) exit 0;; esac\ntrap '' TERM\necho $$ > '${pid}'\n${noise}\n` +
      `case "$*" in *stay*) while :; do sleep 0.05; done;; esac\nexit 3\n`;
    await writeFile(fake, script);
    await chmod(fake, 0o755);
    const loud = new FfmpegProcess(fake, (command) => void command.input("x").output("y"));
    loud.start();
    await assert.rejects(loud.done, (error) => {
      assert.ok(error instanceof FFmpegError);
      assert.equal(error.exitCode, 3);
      assert.ok(error.stderr.length > 0 && error.stderr.length < 10_000);
      return true;
    });
    const stubborn = new FfmpegProcess(fake, (command) => void command.input("stay").output("y"));
    stubborn.start();
    await delay(300);
    await stubborn[Symbol.asyncDispose]();
    const id = Number(await readFile(pid, "utf8"));
    assert.throws(() => Deno.kill(id, "SIGCONT"), Deno.errors.NotFound);
    const early = new FfmpegProcess(fake, (command) => void command.input("stay").output("y"));
    early.start();
    await early[Symbol.asyncDispose]();
    await assert.rejects(early.done);
  },
});
