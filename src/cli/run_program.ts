import process from "node:process";
import { StopSignals } from "../stop_signals.ts";
import { removeUnfinished } from "../unfinished_outputs.ts";
import type { CommandIo } from "./command_io.ts";

/** Milliseconds a command may take to clean up after it was stopped; then its unfinished outputs are removed for it. */
const GRACE_MS = 800;
/** What a progress bar switched off: the cursor, and wrapping of lines. */
const RESTORE_TERMINAL = "\x1b[?25h\x1b[?7h\n";

/** Runs a program on this process's arguments, terminal and signals, and exits with its code; 130 if it was stopped. */
export async function runProgram(
  main: (args: readonly string[], io: CommandIo) => Promise<number>,
): Promise<never> {
  const stop = new StopSignals();
  const isTerminal = process.stderr.isTTY ?? false;
  stop.signal.addEventListener("abort", () => {
    setTimeout(() => {
      if (isTerminal) process.stderr.write(RESTORE_TERMINAL);
      for (const path of removeUnfinished()) process.stderr.write(`Could not remove ${path}. Delete it.\n`);
      process.exit(130);
    }, GRACE_MS).unref();
  });
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  // Listening never ends: an unhandled signal would end the process before it has cleaned up.
  stop.listen();
  const code = await main(process.argv.slice(2), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    isTerminal,
    signal: stop.signal,
    catchStop: (handle) => stop.catchStop(handle),
  });
  process.exit(code);
}

/** Who reads the words of a command may stop reading (`| head -1`): the files are still written. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
