import process from "node:process";
import type { CommandIo } from "./src/cli/command_io.ts";
import { StopSignals } from "./src/stop_signals.ts";
import { EngineError, FFmpegError, MediaError, messageOf, UsageError, WeightsError } from "./src/errors.ts";

type Command = (args: readonly string[], io: CommandIo) => Promise<number>;

/** Every command, loaded when it is wanted: deblurring never loads the trainer. */
const COMMANDS: Record<string, { readonly about: string; readonly load: () => Promise<Command> }> = {
  deblur: {
    about: "Restore blurred videos and pictures",
    load: async () => (await import("./src/cli/deblur.ts")).deblurCommand,
  },
  synth: {
    about: "Make blurry/sharp training pairs",
    load: async () => (await import("./src/cli/synth.ts")).synthCommand,
  },
  train: {
    about: "Train or fine-tune a network",
    load: async () => (await import("./src/cli/train.ts")).trainCommand,
  },
  evaluate: {
    about: "PSNR and SSIM of a network on pairs",
    load: async () => (await import("./src/cli/evaluate.ts")).evaluateCommand,
  },
  export: {
    about: "Write a network as ONNX",
    load: async () => (await import("./src/cli/export.ts")).exportCommand,
  },
  presets: {
    about: "Parameters and multiply-accumulates of every preset",
    load: async () => (await import("./src/cli/presets.ts")).presetsCommand,
  },
};

const HELP = `Multi-scale two-way video deblurring

  deno task COMMAND --help

${Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`).join("\n")}
  ${"serve".padEnd(10)}Watch the restoration in a browser
`;

/**
 * Runs one command.
 *
 * @returns The exit code: 0 done, 1 it failed, 2 the command line is wrong, 130 the user stopped it.
 */
export async function main([name, ...args]: readonly string[], io: CommandIo): Promise<number> {
  try {
    if (name === undefined || name === "--help" || name === "-h") {
      (name === undefined ? io.stderr : io.stdout)(HELP);
      return name === undefined ? 2 : 0;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (name === "serve") throw new UsageError('"serve" is a program of its own; wanted deno task serve');
    if (command === undefined) {
      throw new UsageError(`There is no command "${name}"; wanted ${Object.keys(COMMANDS).join(", ")}`);
    }
    return await (await command.load())(args, io);
  } catch (error) {
    if (io.signal.aborted) {
      io.stderr("Stopped\n");
      return 130;
    }
    const isExpected = [UsageError, MediaError, WeightsError, EngineError, FFmpegError, RangeError]
      .some((kind) => error instanceof kind);
    io.stderr(`${isExpected ? messageOf(error) : stackOf(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** A defect of ours keeps its stack: it is what a bug report needs. */
function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** How long a command may take to clean up after it was stopped; then the process ends without it. */
const GRACE_MS = 800;

if (import.meta.main) {
  const stop = new StopSignals();
  const isTerminal = process.stderr.isTTY ?? false;
  stop.signal.addEventListener("abort", () => {
    setTimeout(() => {
      // What a progress bar hid and switched off: the cursor, and wrapping of lines.
      if (isTerminal) process.stderr.write("\x1b[?25h\x1b[?7h\n");
      process.exit(130);
    }, GRACE_MS).unref();
  });
  // Handled to the end: a signal that nobody handles would end the process before it has cleaned up.
  stop.listen();
  process.exit(
    await main(Deno.args, {
      stdout: (text) => process.stdout.write(text),
      stderr: (text) => process.stderr.write(text),
      isTerminal,
      signal: stop.signal,
      catchStop: (handle) => stop.catchStop(handle),
    }),
  );
}
