import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ROOT } from "./helpers/import_graph.ts";

/** `deno.lock` as it was committed: programs that import other packages, as `--weights npm:NAME` does, add them to the file on disk. */
async function committedLock(): Promise<string | undefined> {
  const asked = ["show", "HEAD:./deno.lock"];
  const { stdout } = await promisify(execFile)("git", asked, { cwd: fileURLToPath(ROOT) })
    .catch(() => ({ stdout: undefined })); // a copy without its history
  return stdout;
}

Deno.test("deno.lock: only packages that deno.json names, since the first command downloads all of it", async () => {
  const { default: config } = await import("../deno.json", { with: { type: "json" } });
  const text = await committedLock() ?? await Deno.readTextFile(new URL("deno.lock", ROOT));
  const { specifiers }: { specifiers: Record<string, string> } = JSON.parse(text);
  const names = Object.keys(specifiers).map((specifier) => specifier.replace(/^npm:|@[^@/]*$/g, ""));
  assert.ok(names.includes("node-av"));
  const others = names.filter((name) => !(name in config.imports) && !name.startsWith("@types/"));
  assert.deepEqual(others, []);
});
