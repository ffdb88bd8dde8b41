import assert from "node:assert/strict";
import { main } from "../cli.ts";
import { runCli } from "./helpers/run_cli.ts";

const COMMANDS = [
  "deblur",
  "synth",
  "train",
  "evaluate",
  "export",
  "calibrate",
  "work",
  "jobs",
  "presets",
  "doctor",
];

Deno.test("cli: --help names every command, on stdout; nothing at all is a usage error with the same text", async () => {
  const help = await runCli(["--help"]);
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  for (const command of [...COMMANDS, "serve"]) assert.match(help.stdout, new RegExp(`^  ${command} `, "m"));
  assert.deepEqual(await runCli(["-h"]), help);
  assert.deepEqual(await runCli([]), { code: 2, stdout: "", stderr: help.stdout });
});

for (const command of COMMANDS) {
  Deno.test(`cli: ${command} --help prints its usage on stdout, and every flag in it exists`, async () => {
    const { code, stdout, stderr } = await runCli([command, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^  deno task ${command} `, "m"));
    for (const [, flag] of stdout.matchAll(/^ +(?:-\w, )?--([a-z][\w-]*)/gm)) {
      const { stderr } = await runCli([command, `--${flag}`, "--no-such-flag"]);
      assert.ok(
        !stderr.includes(`'--${flag}'`) || /argument|does not take|needs a value/.test(stderr),
        stderr,
      );
    }
  });

  Deno.test(`cli: ${command} with a flag that does not exist is one line, exit code 2`, async () => {
    const { code, stdout, stderr } = await runCli([command, "--no-such-flag"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^[^\n]*--no-such-flag[^\n]*Use --help to see all flags\n$/);
  });
}

Deno.test("cli: a command that does not exist is one line that names those that do, exit code 2", async () => {
  for (const name of ["blur", "toString", "__proto__", ""]) {
    const { code, stdout, stderr } = await runCli([name]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.equal(stderr, `There is no command "${name}". Choose one of ${COMMANDS.join(", ")}\n`);
  }
});

Deno.test("cli: serve, which the help lists, says how to run it", async () => {
  const { code, stderr } = await runCli(["serve", "clip.mp4"]);
  assert.deepEqual([code, stderr], [2, '"serve" is a program of its own. Run deno task serve\n']);
});

Deno.test("cli: whatever a stopped command fails with, it says that it was stopped, exit code 130", async () => {
  const stopped = await runCli(["deblur", "no-such-file.mp4"], {
    signal: AbortSignal.abort(new Error("any")),
  });
  assert.deepEqual(stopped, { code: 130, stdout: "", stderr: "Stopped\n" });
});

for (const defect of [TypeError, RangeError]) {
  Deno.test(`cli: a ${defect.name} that nobody expected keeps its stack`, async () => {
    let stderr = "";
    const code = await main(["presets"], {
      stdout: () => {
        throw new defect("a defect");
      },
      stderr: (text) => stderr += text,
      isTerminal: false,
      signal: new AbortController().signal,
    });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${defect.name}: a defect\\n +at .*cli_test\\.ts`));
  });
}

Deno.test("cli: --version names the program and its version, with or without a command", async () => {
  const { name, version } = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  for (const args of [["--version"], ["deblur", "--version"]]) {
    assert.deepEqual(await runCli(args), { code: 0, stdout: `${name} ${version}\n`, stderr: "" });
  }
});
