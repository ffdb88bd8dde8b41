import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "../permissions.ts";

const SERVER = fileURLToPath(new URL("../../../server.ts", import.meta.url));

/** A server in a process of its own. Disposing it asks it to end, and waits. */
export interface ServeProcess extends AsyncDisposable {
  /** Address of the page, with its token. */
  readonly url: string;
  /** Ends it as a crash would: at once. */
  kill(): Promise<void>;
}

/**
 * Starts `deno task serve` with these arguments.
 *
 * @param fileLimit Units of 512 bytes or 1 KiB above which no file can grow: to the server, a disk that is full.
 * @throws {Error} with what it said, if it ends before it prints its address.
 */
export async function serveProcess(args: readonly string[], fileLimit?: number): Promise<ServeProcess> {
  const command = [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    ...PERMISSIONS,
    "--allow-net",
    SERVER,
    ...args,
  ];
  const limited = ["sh", "-c", `trap "" XFSZ; ulimit -f ${fileLimit}; exec "$@"`, "sh", ...command];
  const [program = "", ...rest] = fileLimit === undefined ? command : limited;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  child.stderr.on("data", (bytes) => said += bytes);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (bytes) => resolve(String(bytes).trim()));
    child.once("exit", () => reject(new Error(`The server ended: ${said}`)));
  });
  const end = async (signal: "SIGINT" | "SIGKILL") => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { url, kill: () => end("SIGKILL"), [Symbol.asyncDispose]: () => end("SIGINT") };
}
