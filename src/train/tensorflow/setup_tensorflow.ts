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
  /** Told what is being done, line by line. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Folder of the npm package `@tensorflow/tfjs-node-gpu`. @default where Deno keeps it */
  readonly directory?: string;
  /** Starts `python3` and `g++`. @default {runProgram} */
  readonly run?: RunProgram;
  /** Proves that the result works. @default computing a sum with it */
  readonly prove?: () => Promise<void>;
  /** Operating system and processor. @default this machine's */
  readonly platform?: { readonly os: string; readonly arch: string };
}

/**
 * Gives the trainer native TensorFlow: `@tensorflow/tfjs-node-gpu`'s binding, compiled from the package's own sources against
 * TensorFlow's Python wheel. Done once; a second call finds it done. A binding that the package's install script has downloaded
 * is kept if it loads (not with `gpu`: it wants a CUDA long gone).
 *
 * @returns What was found or made.
 * @throws {EngineError} naming what is missing (compiler, Python, pip, another platform) and how to get it.
 */
export async function setupTensorFlow(
  options: SetupTensorFlowOptions = {},
): Promise<"built before" | "prebuilt" | "built"> {
  const { gpu = false, say = () => {}, run = runProgram, prove = computeSum, signal } = options;
  const { os, arch } = options.platform ?? Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new EngineError(
      "tensorflow",
      `native TensorFlow can be built on Linux with an x86_64 processor, not on ${os} ${arch}; train with --device webgpu`,
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
  const wanted = gpu ? [true] : [false, true]; // TensorFlow with CUDA runs on the processor too.
  return wanted.some((cuda) => builtFrom === requirements(tensorFlowWheels(cuda)))
    ? "built before"
    : undefined;
}

/** Whether the system finds every library that a shared object needs. It stays loaded: TensorFlow cannot be unloaded. */
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
      `building it needs ${name}, which is not there. Debian, Ubuntu: sudo apt install ${debian}. Fedora: sudo dnf install ${fedora}`,
    );
  }
}

async function nodeApiHeaders(): Promise<string> {
  await import("node-api-headers"); // has Deno fetch the package
  return join(dirname(fileURLToPath(import.meta.resolve("node-api-headers"))), "include");
}

async function computeSum(): Promise<void> {
  const tf = await loadTensorFlow("tensorflow");
  const [sum] = tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])).dataSync());
  if (sum !== 6) throw new EngineError("tensorflow", `computes 1 + 2 + 3 as ${sum}; its build is broken`);
}

const MESSAGES = {
  built: "TensorFlow is built and computes",
  "built before": "TensorFlow is built already",
  prebuilt: "TensorFlow's own prebuilt binding is there and loads; nothing to build",
};

/** What `deno task setup:tensorflow --help` prints. */
const SETUP_HELP = `Build native TensorFlow for the trainer, once

  deno task setup:tensorflow [--gpu]

Compiles the binding of TensorFlow.js from its own sources against TensorFlow's Python package. Downloads about 230 MB from PyPI,
with --gpu about 3 GB, each file held to its hash; the result lies in Deno's cache, where train and evaluate find it. Where it is
built already, nothing is done. Wants Linux on an x86_64 processor, g++, python3 and pip; elsewhere train with --device webgpu.

  --gpu       Build with CUDA, for NVIDIA GPUs: CUDA's libraries come along, the driver has to be there
  -h, --help  This text
`;

const FLAGS = { gpu: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

/** Where {@linkcode main} writes, and what stops it. */
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
      stderr(`${error.message}; --help lists the flags\n`);
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
