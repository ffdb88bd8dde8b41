import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildBinding, BUILT_FROM } from "../../../src/train/tensorflow/build_binding.ts";
import { tensorFlowWheels } from "../../../src/train/tensorflow/tensorflow_wheels.ts";
import { FakeMachine } from "../../helpers/fake_machine.ts";

/** Builds on a machine. @returns The lines that were said. */
async function build({ directory, run }: FakeMachine, signal?: AbortSignal): Promise<string[]> {
  const said: string[] = [];
  await buildBinding({
    directory,
    headers: "/headers",
    wheels: tensorFlowWheels(false),
    run,
    say: (line) => said.push(line),
    ...(signal && { signal }),
  });
  return said;
}

Deno.test("buildBinding downloads, unpacks and compiles, and says so", async () => {
  await using machine = await FakeMachine.create();
  assert.deepEqual(await build(machine), [
    "Downloading tensorflow-cpu 2.18.0",
    "Unpacking",
    "Compiling the binding",
  ]);
  assert.match(await readFile(join(machine.directory, BUILT_FROM), "utf8"), /^tensorflow-cpu==/);
  const [pip, unpack, compiler] = machine.started;
  assert.deepEqual([pip?.[0], unpack?.[0], compiler?.[0]], ["python3", "python3", "g++"]);
  assert.ok(compiler?.includes("/headers"));
});

for (
  const [word, stderr, message] of [
    [
      "-shared",
      "node_api.h: No such file",
      /could not compile the binding: g\+\+ ended with exit code 1\nnode_api\.h: No such file/,
    ],
    ["download", "", /could not download the wheels: python3 ended with exit code 1/],
    ["-c", "bad zip", /could not unpack tensorflow-cpu\.whl: .*\nbad zip/],
  ] as const
) {
  Deno.test(`buildBinding names the step that failed (${word}), with the end of its output, and leaves nothing behind`, async () => {
    await using machine = await FakeMachine.create();
    machine.failing = { word, stderr, code: 1 };
    await assert.rejects(build(machine), { name: "EngineError", message });
    assert.deepEqual(await readdir(machine.directory), []);
  });
}

Deno.test("buildBinding stops with the signal's reason, and leaves nothing behind", async () => {
  await using machine = await FakeMachine.create();
  await assert.rejects(build(machine, AbortSignal.abort(new Error("enough"))), { message: "enough" });
  assert.deepEqual(await readdir(machine.directory), []);
});
