import { main } from "../../cli.ts";
import type { CommandIo } from "../../src/cli/command_io.ts";

/** What a command said and how it ended. */
export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode runCli}. */
export interface RunCliOptions {
  /** @default {false} */
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
  /** Called with the handle that the command sets for the next stop request. */
  readonly catchStop?: CommandIo["catchStop"];
  /** Told of every text on stderr. */
  readonly onStderr?: (text: string) => void;
}

/** Runs one command in this process. */
export async function runCli(args: readonly string[], options: RunCliOptions = {}): Promise<CliRun> {
  const { isTerminal = false, signal = new AbortController().signal, catchStop, onStderr } = options;
  const said = { stdout: "", stderr: "" };
  const code = await main(args, {
    stdout: (text) => said.stdout += text,
    stderr: (text) => {
      said.stderr += text;
      onStderr?.(text);
    },
    isTerminal,
    signal,
    ...(catchStop && { catchStop }),
  });
  return { code, ...said };
}
