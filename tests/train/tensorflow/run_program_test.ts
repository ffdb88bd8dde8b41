import assert from "node:assert/strict";
import { runProgram } from "../../../src/train/tensorflow/run_program.ts";

const DENO = Deno.execPath();

Deno.test("runProgram: the exit code and stderr of a program", async () => {
  assert.deepEqual(await runProgram(DENO, ["eval", "console.error('no'); Deno.exit(3)"]), {
    code: 3,
    stderr: "no\n",
  });
  assert.equal((await runProgram(DENO, ["eval", "1"])).code, 0);
});

Deno.test("runProgram: a program that is missing has no exit code", async () => {
  const { code, stderr } = await runProgram("no-such-program-of-mtdn", []);
  assert.equal(code, null);
  assert.notEqual(stderr, "");
});

Deno.test("runProgram: the signal stops a program", async () => {
  const stop = new AbortController();
  const running = runProgram(DENO, ["eval", "setInterval(() => {}, 1000)"], { signal: stop.signal });
  stop.abort();
  assert.notEqual((await running).code, 0);
});
