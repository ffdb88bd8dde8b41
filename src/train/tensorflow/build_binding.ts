import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { RunProgram } from "./run_program.ts";
import { BINDING } from "../../model/tfjs/native_tensorflow.ts";
import { requirements, type Wheel } from "./tensorflow_wheels.ts";

/** Options of {@linkcode buildBinding}. */
export interface BuildOptions {
  /** Folder of the npm package `@tensorflow/tfjs-node-gpu`, with the sources; the result is put there, too. */
  readonly directory: string;
  /** Folder of `node_api.h`. */
  readonly headers: string;
  /** Python wheels with the libraries, TensorFlow first. */
  readonly wheels: readonly Wheel[];
  /** Runs `python3` and `g++`. */
  readonly run: RunProgram;
  /** Called with a line before each step. */
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** File beside the libraries that lists the wheels they are from. */
export const BUILT_FROM = join("deps", "built-from.txt");

const UNPACK = `import sys, zipfile
wheel, target, *prefixes = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(target, [name for name in archive.namelist() if name.startswith(tuple(prefixes))])`;

/**
 * Downloads the wheels, checks their hashes, compiles the package's own sources (`binding/*.cc`) against the libraries in them,
 * and puts the result where the package expects it: `lib/napi-v8/tfjs_binding.node`, its libraries in `deps/`. All of it is made in a
 * temporary folder and renamed at the end, the binding last: if the binding exists, everything does.
 *
 * @throws {EngineError} with the end of the failing program's output.
 */
export async function buildBinding(options: BuildOptions): Promise<void> {
  const { directory, wheels, say } = options;
  const work = await mkdtemp(join(directory, ".setup-"));
  try {
    say(`Downloading ${wheels.map(({ name, version }) => `${name} ${version}`).join(", ")}`);
    await download(work, options);
    say("Unpacking");
    await unpack(work, options);
    say("Compiling the binding");
    await compile(work, options);
    await writeFile(join(work, BUILT_FROM), requirements(wheels));
    await place(work, directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(work: string, options: BuildOptions): Promise<void> {
  const file = join(work, "requirements.txt");
  await writeFile(file, requirements(options.wheels));
  await step(options, "download the wheels", "python3", [
    ...["-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--require-hashes"],
    // The wheels are only used as zips of libraries, so any Python can download those for 3.11.
    ...["--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp"],
    ...["--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64"],
    ...["--dest", join(work, "wheels"), "--requirement", file],
  ], true);
}

async function unpack(work: string, options: BuildOptions): Promise<void> {
  for (const wheel of (await readdir(join(work, "wheels"))).sort()) {
    const path = join(work, "wheels", wheel);
    const prefixes = ["tensorflow/libtensorflow_", "tensorflow/include/", "nvidia/"];
    await step(options, `unpack ${wheel}`, "python3", [
      "-c",
      UNPACK,
      path,
      join(work, "unpacked"),
      ...prefixes,
    ]);
    await rm(path);
  }
  // TensorFlow looks for CUDA's libraries in ../nvidia/*/lib, relative to itself.
  const unpacked = join(work, "unpacked");
  await mkdir(join(work, "deps", "lib"), { recursive: true });
  for (const library of await readdir(join(unpacked, "tensorflow"))) {
    if (library === "include") continue;
    await rename(join(unpacked, "tensorflow", library), join(work, "deps", "lib", library));
  }
  if ((await readdir(unpacked)).includes("nvidia")) {
    await rename(join(unpacked, "nvidia"), join(work, "deps", "nvidia"));
  }
}

async function compile(work: string, options: BuildOptions): Promise<void> {
  const source = join(options.directory, "binding");
  const libraries = join(work, "deps", "lib");
  await step(options, "compile the binding", "g++", [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8"],
    ...["-I", options.headers, "-I", join(work, "unpacked", "tensorflow", "include")],
    ...[join(source, "tfjs_backend.cc"), join(source, "tfjs_binding.cc")],
    ...["-o", join(work, "tfjs_binding.node"), "-L", libraries],
    ...["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"],
    "-Wl,-rpath,$ORIGIN/../../deps/lib",
  ]);
}

async function place(work: string, directory: string): Promise<void> {
  const binding = join(directory, BINDING);
  await rm(binding, { force: true });
  await rm(join(directory, "deps"), { recursive: true, force: true });
  await rename(join(work, "deps"), join(directory, "deps"));
  await mkdir(dirname(binding), { recursive: true });
  await rename(join(work, "tfjs_binding.node"), binding);
}

async function step(
  { run, signal }: BuildOptions,
  what: string,
  program: string,
  args: readonly string[],
  show = false,
): Promise<void> {
  const { code, stderr } = await run(program, args, { show, ...(signal === undefined ? {} : { signal }) });
  signal?.throwIfAborted();
  if (code === 0) return;
  const end = stderr.trim().split("\n").slice(-12).join("\n");
  throw new EngineError(
    "tensorflow",
    `could not ${what}: ${program} ended with exit code ${code}\n${end}`.trim(),
  );
}
