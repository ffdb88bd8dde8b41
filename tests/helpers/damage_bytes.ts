import { readFile, writeFile } from "node:fs/promises";
import type { ClipOptions } from "./make_clip.ts";

/** Two seconds of noise: each frame has enough bytes that damage stays within one or two of them. */
export const DENSE: ClipOptions = {
  width: 96,
  height: 64,
  pts: Array.from({ length: 50 }, (_, i) => i),
  sample: (plane, x, y, t) => 60 + ((x * 7919 + y * 104729 + t * 1299709 + plane * 31) >>> 3) % 120,
};

/** Turns 40 bytes around `at`, a fraction of a file's length, into others; the file stays as long as it was. */
export async function damageBytes(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const first = Math.floor(bytes.length * at);
  for (let i = 0; i < 40; i++) bytes[first + 7 * i] = (bytes[first + 7 * i] ?? 0) ^ (17 + 5 * i);
  await writeFile(path, bytes);
}
