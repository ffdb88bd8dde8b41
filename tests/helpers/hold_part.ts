import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../fixtures/hold_part.ts", import.meta.url));

/** A process that is writing the output `path`, until it is killed; disposing kills it, so that it leaves what it wrote. */
export async function holdPart(
  path: string,
  kind: "file" | "folder" = "file",
): Promise<AsyncDisposable & { readonly pid: ChildProcess["pid"] }> {
  const args = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", "--allow-env", PROGRAM];
  const child = spawn(Deno.execPath(), [...args, path, kind], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  await Promise.race([once(child.stdout, "data"), ended]);
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
