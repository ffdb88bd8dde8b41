import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EngineError } from "../../errors.ts";
import { buildBinding, BUILT_FROM } from "./build_binding.ts";
import { type RunProgram, runProgram } from "./run_program.ts";
import { loadTensorFlow } from "./tensorflow.ts";
import { BINDING, tensorFlowPackage } from "../../model/tfjs/native_tensorflow.ts";
import { requirements, tensorFlowWheels } from "./tensorflow_wheels.ts";

/** Options of {@linkcode setupTensorFlow}. */
export interface SetupTensorFlowOptions {
  /** Build with CUDA, for NVIDIA GPUs. @default {false} */
  readonly gpu?: boolean;
  /** Called with a line before each step. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Folder of the npm package `@tensorflow/tfjs-node-gpu`. @default {where Deno keeps it} */
  readonly directory?: string;
  /** Runs `python3` and `g++`. @default {runProgram} */
  readonly run?: RunProgram;
  /** Checks that the result works. @default {computes a sum} */
  readonly prove?: () => Promise<void>;
  /** Operating system and processor. @default {this machine's} */
  readonly platform?: { readonly os: string; readonly arch: string };
}

/**
 * Builds native TensorFlow for the trainer: the binding of `@tensorflow/tfjs-node-gpu`, compiled from the package's own sources against
 * TensorFlow's Python wheel. A second call does nothing. A binding that the package's install script has downloaded is kept if it
 * loads (not with `gpu`: it needs an outdated CUDA).
 *
 * @returns What was found or built.
 * @throws {EngineError} naming what is missing (compiler, Python, pip, a supported platform) and how to get it.
 */
export async function setupTensorFlow(
  options: SetupTensorFlowOptions = {},
): Promise<"built before" | "prebuilt" | "built"> {
  const { gpu = false, say = () => {}, run = runProgram, prove = computeSum, signal } = options;
  const { os, arch } = options.platform ?? Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new EngineError(
      "tensorflow",
      `native TensorFlow can be built only on Linux with an x86_64 processor, not on ${os} ${arch}. Train with --device webgpu`,
    );
  }
  const directory = options.directory ?? tensorFlowPackage();
  const found = await findBinding(directory, gpu);
  if (found !== undefined) return found;
  await checkTools(run);
  await buildBinding({
    directory,
    headers: await nodeApiHeaders(),
    wheels: tensorFlowWheels(gpu),
    run,
    say,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    await prove();
  } catch (error) {
    await rm(join(directory, BINDING));
    throw error;
  }
  return "built";
}

async function findBinding(
  directory: string,
  gpu: boolean,
): Promise<"built before" | "prebuilt" | undefined> {
  const binding = join(directory, BINDING);
  if (!existsSync(binding)) return undefined;
  if (!existsSync(join(directory, BUILT_FROM))) return !gpu && links(binding) ? "prebuilt" : undefined;
  const builtFrom = await readFile(join(directory, BUILT_FROM), "utf8");
  const usable = gpu ? [true] : [false, true]; // TensorFlow with CUDA runs on the processor, too.
  return usable.some((cuda) => builtFrom === requirements(tensorFlowWheels(cuda)))
    ? "built before"
    : undefined;
}

/** Whether a shared object and its libraries can be loaded. It stays loaded, because TensorFlow cannot be unloaded. */
function links(path: string): boolean {
  try {
    Deno.dlopen(path, {});
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}

const TOOLS = [
  { program: "g++", args: ["--version"], name: "the C++ compiler g++", debian: "g++", fedora: "gcc-c++" },
  { program: "python3", args: ["--version"], name: "python3", debian: "python3", fedora: "python3" },
  {
    program: "python3",
    args: ["-m", "pip", "--version"],
    name: "pip",
    debian: "python3-pip",
    fedora: "python3-pip",
  },
] as const;

async function checkTools(run: RunProgram): Promise<void> {
  for (const { program, args, name, debian, fedora } of TOOLS) {
    if ((await run(program, args)).code === 0) continue;
    throw new EngineError(
      "tensorflow",
      `building it needs ${name}, which is missing. Debian, Ubuntu: sudo apt install ${debian}. Fedora: sudo dnf install ${fedora}`,
    );
  }
}

async function nodeApiHeaders(): Promise<string> {
  await import("node-api-headers"); // so that Deno downloads the package
  return join(dirname(fileURLToPath(import.meta.resolve("node-api-headers"))), "include");
}

async function computeSum(): Promise<void> {
  const tf = await loadTensorFlow("tensorflow");
  const [sum] = tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])).dataSync());
  if (sum !== 6) {
    throw new EngineError("tensorflow", `it computes 1 + 2 + 3 as ${sum}, so the build is broken`);
  }
}

const MESSAGES = {
  built: "TensorFlow is built and works",
  "built before": "TensorFlow is built already",
  prebuilt: "TensorFlow's own prebuilt binding works, so nothing is built",
};

/** What `deno task setup:tensorflow --help` prints. */
const SETUP_HELP = `Build native TensorFlow for the trainer, once

  deno task setup:tensorflow [--gpu]

Compiles the binding of TensorFlow.js from its own sources against TensorFlow's Python package. Downloads about 230 MB from PyPI,
with --gpu about 3 GB, and checks the hash of each file; the result is put in Deno's cache, where train and evaluate find it. If it
is built already, nothing is done. It needs Linux on an x86_64 processor, g++, python3 and pip; elsewhere train with --device webgpu.

  --gpu       Build with CUDA, for NVIDIA GPUs; CUDA's libraries are included, the driver must be installed
  -h, --help  Print this text
`;

const FLAGS = { gpu: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

/** Streams of {@linkcode main}, and the signal that stops it. */
export interface SetupIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly signal: AbortSignal;
}

/** `deno task setup:tensorflow`: see {@linkcode SETUP_HELP}. @returns The exit code. */
export async function main(args: readonly string[], { stdout, stderr, signal }: SetupIo): Promise<number> {
  try {
    const { gpu, help } = parseArgs({ args: [...args], options: FLAGS }).values;
    if (help === true) {
      stdout(SETUP_HELP);
      return 0;
    }
    const found = await setupTensorFlow({ gpu: gpu === true, signal, say: (line) => stderr(`${line}\n`) });
    stderr(`${MESSAGES[found]}\n`);
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    if (error instanceof TypeError && "code" in error) {
      stderr(`${error.message}. Use --help to see all flags\n`);
      return 2;
    }
    if (!(error instanceof EngineError)) throw error;
    stderr(`${error.message}\n`);
    return 1;
  }
}

if (import.meta.main) {
  const interrupt = new AbortController();
  Deno.addSignalListener("SIGINT", () => interrupt.abort());
  const writeTo = (stream: typeof Deno.stderr) => (text: string) =>
    void stream.writeSync(new TextEncoder().encode(text));
  const io = { stdout: writeTo(Deno.stdout), stderr: writeTo(Deno.stderr), signal: interrupt.signal };
  Deno.exit(await main(Deno.args, io));
}
