import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunProgram } from "../../src/train/tensorflow/run_program.ts";
import { setupTensorFlow } from "../../src/train/tensorflow/setup_tensorflow.ts";

const LINUX = { os: "linux", arch: "x86_64" };

/** A package folder, and programs that only write the files of real ones. */
export class FakeMachine implements AsyncDisposable {
  readonly directory: string;
  /** Programs started, with their arguments. */
  readonly started: string[][] = [];
  /** A program that fails: a word of its command line, its stderr and exit code. */
  failing: { readonly word: string; readonly stderr: string; readonly code: number | null } | undefined;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<FakeMachine> {
    return new FakeMachine(await mkdtemp(join(tmpdir(), "setup-test-")));
  }

  readonly run: RunProgram = async (program, args) => {
    this.started.push([program, ...args]);
    if (this.failing !== undefined && [program, ...args].includes(this.failing.word)) return this.failing;
    if (args.includes("download")) {
      const target = after(args, "--dest");
      await mkdir(target);
      for (const line of (await readFile(after(args, "--requirement"), "utf8")).trim().split("\n")) {
        await writeFile(join(target, `${line.split("==")[0]}.whl`), "");
      }
    } else if (args[0] === "-c") {
      const [, , wheel = "", target = ""] = args;
      const folder = wheel.includes("nvidia") ? "nvidia/some/lib" : "tensorflow/include";
      await mkdir(join(target, folder), { recursive: true });
      if (folder.startsWith("tensorflow")) {
        await writeFile(join(target, "tensorflow/libtensorflow_cc.so.2"), "cc");
      }
    } else if (args.includes("-shared")) {
      await writeFile(after(args, "-o"), "binding");
    }
    return { code: 0, stderr: "" };
  };

  setup(options: { gpu?: boolean; prove?: () => Promise<void> } = {}) {
    const { directory, run } = this;
    return setupTensorFlow({ directory, run, platform: LINUX, prove: () => Promise.resolve(), ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** The argument after a flag. */
export function after(args: readonly string[], flag: string): string {
  return args[args.indexOf(flag) + 1] ?? assert.fail(`${flag} is there`);
}
