import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ROOT } from "../helpers/import_graph.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

Deno.test("kernels.wasm is what deno task build:kernels makes of assembly/", async () => {
  await using folder = await temporaryFolder();
  const { default: config } = await import("../../deno.json", { with: { type: "json" } });
  const [program, ...args] = config.tasks["build:kernels"].command
    .replace("--allow-write=src/motion", `--allow-write=${folder.path}`)
    .replace("--outFile src/motion/", `--outFile ${folder.path}/`)
    .split(" ");
  assert.equal(program, "deno");
  await promisify(execFile)(Deno.execPath(), args, { cwd: fileURLToPath(ROOT) });
  const committed = await readFile(new URL("src/motion/kernels.wasm", ROOT));
  assert.ok((await readFile(folder.file("kernels.wasm"))).equals(committed));
});
