import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { main, setupTensorFlow } from "../../../src/train/tensorflow/setup_tensorflow.ts";
import { after, FakeMachine } from "../../helpers/fake_machine.ts";

const BINDING = "lib/napi-v8/tfjs_binding.node";

Deno.test("setupTensorFlow downloads by hash, compiles, and leaves only the binding and its libraries", async () => {
  await using machine = await FakeMachine.create();
  assert.equal(await machine.setup(), "built");
  assert.deepEqual((await readdir(machine.directory)).sort(), ["deps", "lib"]);
  assert.equal(await readFile(join(machine.directory, BINDING), "utf8"), "binding");
  assert.deepEqual(await readdir(join(machine.directory, "deps/lib")), ["libtensorflow_cc.so.2"]);
  assert.match(
    await readFile(join(machine.directory, "deps/built-from.txt"), "utf8"),
    /^tensorflow-cpu==2\.18\.0 --hash=sha256:[0-9a-f]{64}\n$/,
  );
  const pip = machine.started.find((args) => args.includes("download")) ?? assert.fail("pip was started");
  for (const word of ["--require-hashes", "--no-deps", "--only-binary=:all:"]) {
    assert.ok(pip.includes(word), word);
  }
  assert.equal(after(pip, "--python-version"), "3.11");
  const compiler = machine.started.at(-1) ?? [];
  assert.equal(compiler[0], "g++");
  assert.ok(compiler.includes("-Wl,-rpath,$ORIGIN/../../deps/lib"));
});

Deno.test("setupTensorFlow starts nothing if TensorFlow is built already", async () => {
  await using machine = await FakeMachine.create();
  await machine.setup();
  machine.started.length = 0;
  assert.equal(await machine.setup({ prove: () => assert.fail("nothing to prove") }), "built before");
  assert.deepEqual(machine.started, []);
});

Deno.test("setupTensorFlow with gpu pins TensorFlow with CUDA and every CUDA library, placed where TensorFlow looks for them", async () => {
  await using machine = await FakeMachine.create();
  await machine.setup();
  assert.equal(await machine.setup({ gpu: true }), "built");
  const lines = (await readFile(join(machine.directory, "deps/built-from.txt"), "utf8")).trim().split("\n");
  assert.equal(lines.length, 13);
  for (const line of lines) {
    assert.match(line, /^(tensorflow|nvidia-[a-z-]+-cu12)==[\d.]+ --hash=sha256:[0-9a-f]{64}$/);
  }
  assert.deepEqual((await readdir(join(machine.directory, "deps"))).sort(), [
    "built-from.txt",
    "lib",
    "nvidia",
  ]);
  assert.equal(await machine.setup({ gpu: true }), "built before");
  assert.equal(await machine.setup(), "built before");
});

for (
  const [word, message] of [
    ["g++", /g\+\+.*apt install g\+\+/],
    ["python3", /python3.*apt install python3/],
    [
      "pip",
      /pip.*apt install python3-pip/,
    ],
  ] as const
) {
  Deno.test(`setupTensorFlow says how to get ${word} if it is missing, and leaves nothing behind`, async () => {
    await using machine = await FakeMachine.create();
    machine.failing = { word, stderr: "", code: word === "pip" ? 1 : null };
    await assert.rejects(machine.setup(), { name: "EngineError", message });
    assert.deepEqual(await readdir(machine.directory), []);
  });
}

Deno.test("setupTensorFlow removes a binding that was built but does not work, so that the next run builds again", async () => {
  await using machine = await FakeMachine.create();
  const prove = () => Promise.reject(new Error("no such symbol"));
  await assert.rejects(machine.setup({ prove }), { message: "no such symbol" });
  assert.equal(await machine.setup(), "built");
});

Deno.test("setupTensorFlow builds over a binding that it did not make and that does not load", async () => {
  await using machine = await FakeMachine.create();
  await mkdir(join(machine.directory, "lib/napi-v8"), { recursive: true });
  await writeFile(join(machine.directory, BINDING), "made for another machine");
  assert.equal(await machine.setup(), "built");
});

Deno.test("setupTensorFlow says that it needs Linux on x86_64", async () => {
  const platform = { os: "darwin", arch: "aarch64" };
  await assert.rejects(setupTensorFlow({ platform }), {
    name: "EngineError",
    message: /Linux.*x86_64.*not on darwin aarch64/,
  });
});

/** Runs the program up to where it would build. */
async function runMain(...args: string[]) {
  const said = { stdout: "", stderr: "" };
  const code = await main(args, {
    stdout: (text) => said.stdout += text,
    stderr: (text) => said.stderr += text,
    signal: new AbortController().signal,
  });
  return { code, ...said };
}

for (const flag of ["--help", "-h"]) {
  Deno.test(`setup:tensorflow ${flag} says what is built, downloaded and needed`, async () => {
    const { code, stdout, stderr } = await runMain(flag);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const word of ["230 MB", "3 GB", "--gpu", "Linux on an x86_64", "g++"]) {
      assert.ok(stdout.includes(word), word);
    }
  });
}

Deno.test("setup:tensorflow names an unknown flag", async () => {
  const { code, stdout, stderr } = await runMain("--cuda");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /'--cuda'.*\. Use --help to see all flags\n$/);
});
