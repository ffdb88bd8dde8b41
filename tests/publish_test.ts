import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./helpers/import_graph.ts";
import { probeClip } from "./helpers/probe_clip.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";
import { PERMISSIONS } from "./helpers/permissions.ts";

/** Runs Deno as a shell would: not by `node:child_process`, which gives every permission to another Deno. */
async function runDeno(args: readonly string[], cwd: string): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, `${out}${err}`);
  return `${out}${err}`;
}

/** Paths in the project of every file that would be published. */
async function publishedFiles(): Promise<string[]> {
  const text = await runDeno(["publish", "--dry-run", "--allow-dirty"], fileURLToPath(ROOT));
  assert.match(text, /Dry run complete/);
  assert.doesNotMatch(text, /\b(?:warning|error)\[|problem/);
  const paths = [...text.matchAll(/^ *(file:\S+) \(/gm)].map(([, url = ""]) => url);
  return paths.map((url) => decodeURIComponent(url.slice(ROOT.href.length)));
}

let published: Promise<string[]> | undefined;

/** The program under "As a library", for someone who has the package instead of the repository. */
async function readmeProgram(): Promise<string> {
  const readme = await readFile(new URL("README.md", ROOT), "utf8");
  const [, program = ""] = /## As a library\n\n```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  assert.match(program, /from "\.\/mod\.ts"/);
  return program.replace("./mod.ts", "@mtdn/deblur");
}

Deno.test("deno publish packs the library, its weights and their model cards, and nothing else", async () => {
  const files = await (published ??= publishedFiles());
  for (
    const needed of [
      "mod.ts",
      "src/train/mod.ts",
      "src/train/batch/batch_worker.ts",
      "src/model/onnx/onnx_worker.ts",
      "src/motion/kernels.wasm",
      "weights/fast.safetensors",
      "weights/fast-video.safetensors",
      "weights/fast.int8.json",
      "weights/fast-video.int8.json",
    ]
  ) {
    assert.ok(files.includes(needed), needed);
  }
  const others = files.filter((file) =>
    !/^(?:mod\.ts|src\/.+\.ts|src\/motion\/kernels\.wasm|weights\/fast(?:-video)?\.(?:safetensors|md|int8\.json)|[A-Z]+(?:\.md)?|deno\.json)$/
      .test(file)
  );
  assert.deepEqual(others, []);
  assert.deepEqual(files.filter((file) => /^src\/(?:cli|server)\//.test(file)), []);
});

Deno.test("the published package restores the sample from another folder, by the program of the README", async () => {
  await using folder = await temporaryFolder();
  for (const file of await (published ??= publishedFiles())) {
    const copy = folder.file(join("package", file));
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(new URL(file, ROOT), copy);
  }
  const user = folder.file("user");
  await mkdir(user);
  const imports = { "@mtdn/deblur": "jsr:@mtdn/deblur@^0.1.0" };
  await writeFile(join(user, "deno.json"), JSON.stringify({ links: ["../package"], imports }));
  await writeFile(join(user, "restore.ts"), await readmeProgram());
  await copyFile(new URL("samples/spaniels.mp4", ROOT), join(user, "clip.mp4"));
  const said = await runDeno(["run", "--quiet", "--no-prompt", ...PERMISSIONS, "restore.ts"], user);
  assert.match(said, /^60 frames, [\d.]+ a second$/m);
  const [before, after] = await Promise.all(
    ["clip.mp4", "clip.deblurred.mp4"].map((name) => probeClip(join(user, name))),
  );
  assert.deepEqual(
    after?.streams.map(({ times }) => times.length),
    before?.streams.map(({ times }) => times.length),
  );
});
