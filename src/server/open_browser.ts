import { spawn } from "node:child_process";
import { messageOf } from "../errors.ts";

/** The program that opens an address on each system, with what comes before it. */
const OPENERS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  darwin: ["open"],
  windows: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** What opens an address on an operating system: a program and its arguments. */
export function openerOf(os: string, url: string): readonly [program: string, ...args: string[]] {
  const [program, ...args] = OPENERS[os] ?? ["xdg-open"];
  return [program, ...args, url];
}

/**
 * Opens an address in the user's browser, without waiting for it to be closed.
 *
 * @throws {Error} saying why it cannot, and what to do.
 */
export async function openBrowser(url: string, os: string = Deno.build.os): Promise<void> {
  const [program, ...args] = openerOf(os, url);
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(program, args, { stdio: "ignore", detached: true });
      child.once("error", reject);
      child.once("spawn", () => {
        child.unref();
        resolve();
      });
    });
  } catch (cause) {
    const what = `Cannot open the browser with ${program}: ${messageOf(cause)}`;
    throw new Error(`${what}. Open the address yourself`, { cause });
  }
}
