import project from "./deno.json" with { type: "json" };
import type { CommandIo } from "./src/cli/command_io.ts";
import { runProgram } from "./src/cli/run_program.ts";
import { errorText, UsageError } from "./src/errors.ts";

type Command = (args: readonly string[], io: CommandIo) => Promise<number>;

/** Every command. Each is loaded when it is run: deblurring never loads the trainer. */
const COMMANDS: Record<string, { readonly about: string; readonly load: () => Promise<Command> }> = {
  deblur: {
    about: "Restore motion-blurred videos and pictures",
    load: async () => (await import("./src/cli/deblur/deblur.ts")).deblurCommand,
  },
  synth: {
    about: "Make blurry/sharp training pairs from footage or photos",
    load: async () => (await import("./src/cli/synth/synth.ts")).synthCommand,
  },
  train: {
    about: "Train or fine-tune a network",
    load: async () => (await import("./src/cli/train/train.ts")).trainCommand,
  },
  evaluate: {
    about: "PSNR and SSIM of a network on pairs",
    load: async () => (await import("./src/cli/evaluate/evaluate.ts")).evaluateCommand,
  },
  export: {
    about: "Write a network as ONNX for other tools",
    load: async () => (await import("./src/cli/export.ts")).exportCommand,
  },
  calibrate: {
    about: "Find how a network can compute with bytes, which is faster",
    load: async () => (await import("./src/cli/calibrate.ts")).calibrateCommand,
  },
  work: {
    about: "Restore segments that other machines hand out",
    load: async () => (await import("./src/cli/work.ts")).workCommand,
  },
  jobs: {
    about: "Show or cancel jobs that machines share",
    load: async () => (await import("./src/cli/jobs.ts")).jobsCommand,
  },
  presets: {
    about: "Parameters and multiply-accumulates of each preset",
    load: async () => (await import("./src/cli/presets.ts")).presetsCommand,
  },
  doctor: {
    about: "Try every device of this machine",
    load: async () => (await import("./src/cli/doctor.ts")).doctorCommand,
  },
};

const HELP = `Multi-scale two-way video deblurring

  deno task COMMAND --help
  deno task COMMAND --version

${Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`).join("\n")}
  ${"serve".padEnd(10)}Watch the restoration in a browser
`;

/**
 * Runs one command.
 *
 * @returns The exit code: 0 for success, 1 for failure, 2 for a mistake on the command line, 130 if the user stopped it.
 */
export async function main([name, ...args]: readonly string[], io: CommandIo): Promise<number> {
  try {
    if (name === "--version" || args.includes("--version")) {
      io.stdout(`${project.name} ${project.version}\n`);
      return 0;
    }
    if (name === undefined || name === "--help" || name === "-h") {
      (name === undefined ? io.stderr : io.stdout)(HELP);
      return name === undefined ? 2 : 0;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (name === "serve") throw new UsageError('"serve" is a program of its own. Run deno task serve');
    if (command === undefined) {
      throw new UsageError(
        `There is no command "${name}". Choose one of ${Object.keys(COMMANDS).join(", ")}`,
      );
    }
    return await (await command.load())(args, io);
  } catch (error) {
    if (io.signal.aborted) {
      io.stderr("Stopped\n");
      return 130;
    }
    io.stderr(`${errorText(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) await runProgram(main);
