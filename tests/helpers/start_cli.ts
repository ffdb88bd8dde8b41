import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "./permissions.ts";

/** What runs the command line with the permissions of `deno task`; its arguments follow. */
export const RUN_CLI = [
  ...["run", "--quiet", "--no-prompt", ...PERMISSIONS],
  fileURLToPath(new URL("../../cli.ts", import.meta.url)),
];

/** Starts the command in a process group of its own, as a shell does. */
export function startCli(args: readonly string[]) {
  const child = spawn(Deno.execPath(), [...RUN_CLI, ...args], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr.on("data", (chunk) => said.push(String(chunk)));
  return { child, stderr: () => said.join(""), ended: once(child, "close") };
}

/** Ctrl-C, which reaches the command twice under npx: from the terminal and from npx. */
export async function pressCtrlC({ pid = 0 }: ChildProcess): Promise<void> {
  process.kill(pid, "SIGINT");
  await delay(5);
  process.kill(pid, "SIGINT");
}

/** Whether a process of the group that `child` leads is left. */
export function isGroupAlive({ pid = 0 }: ChildProcess): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}
