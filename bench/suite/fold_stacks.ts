import { pathToFileURL } from "node:url";

/** A box of a flame graph: something that ran, and below it what it called. */
export interface Flame {
  readonly name: string;
  /** Seconds of processor time, with those of the boxes below it. */
  seconds: number;
  readonly below: Map<string, Flame>;
}

/** Threads by the names that Deno, FFmpeg and V8 give them. */
const THREADS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^worker-/, "engine's Worker"],
  [/^tokio|^av:/, "FFmpeg's threads"],
  [/^V8 /, "V8: compiling, collecting garbage"],
  [/./, "main thread"],
];

/** Native code by the file that it is in. */
const LIBRARIES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/libonnxruntime/, "ONNX Runtime"],
  [/node-av/, "FFmpeg"],
  [/kernel/, "Linux: memory, files"],
  [/\/libc[.-]/, "C library: copying"],
  [/\/deno$/, "Deno and V8"],
  [/jitted-|\[JIT\]/, "JavaScript"],
  [/./, "other libraries"],
];

/**
 * Reads what `perf script -F comm,ip,sym,dso` prints, sample by sample: by thread, the files of this project whose functions were running,
 * callers first and each once, and what was computing for them. Code of others is named by its library alone.
 *
 * @param root The project's folder.
 * @param hertz Samples a second.
 */
export function foldStacks(script: string, root: string, hertz: number): Flame {
  const all: Flame = { name: "job", seconds: 0, below: new Map() };
  const ours = pathToFileURL(root).href.replace(/\/?$/, "/");
  for (const sample of script.split("\n\n")) {
    const [thread = "", ...frames] = sample.trim().split("\n").map((line) => line.trim());
    const [innermost] = frames;
    if (innermost === undefined) continue;
    const files = frames.map((frame) => fileOf(frame, ours)).filter((file) => file !== undefined).reverse();
    const leaf = fileOf(innermost, ours) ?? libraryOf(innermost);
    addTime(all, [firstOf(THREADS, thread), ...new Set([...files, leaf])], 1 / hertz);
  }
  return all;
}

/** Adds time to a box and to those on the way to it. */
export function addTime(flame: Flame, path: readonly string[], seconds: number): void {
  flame.seconds += seconds;
  const [name, ...rest] = path;
  if (name === undefined) return;
  const next = flame.below.get(name) ?? { name, seconds: 0, below: new Map() };
  flame.below.set(name, next);
  addTime(next, rest, seconds);
}

/** Divides the boxes of a name among parts, in proportion. */
export function divide(flame: Flame, name: string, parts: ReadonlyMap<string, number>): void {
  const sum = [...parts.values()].reduce((total, part) => total + part, 0);
  for (const box of flame.below.values()) {
    if (box.name !== name) divide(box, name, parts);
    else {
      for (const [part, share] of parts) {
        box.below.set(part, { name: part, seconds: box.seconds * share / sum, below: new Map() });
      }
    }
  }
}

/** Where a function of this project is: "src/motion/move_onto.ts". Whatever WebAssembly is running is ours too. */
function fileOf(frame: string, ours: string): string | undefined {
  if (/wasm-function/.test(frame)) return "src/motion/kernels.wasm";
  const [, url] = /JS:.* (file:\S+?):\d+:\d+/.exec(frame) ?? [];
  return url?.startsWith(ours) ? url.slice(ours.length) : undefined;
}

function libraryOf(frame: string): string {
  const [, library = ""] = /\(([^()]*)\)$/.exec(frame) ?? [];
  return firstOf(LIBRARIES, library);
}

function firstOf(names: readonly (readonly [pattern: RegExp, name: string])[], text: string): string {
  return names.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}
