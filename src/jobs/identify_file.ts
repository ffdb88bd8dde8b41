import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** Bytes at either end of a file that tell it from others. */
const END_BYTES = 2 ** 20;

/** What tells a file from others and from itself after a change, without reading all of it. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number;
  /** Last change, milliseconds since 1970. */
  readonly changed: number;
  /** SHA-256 of the first and last MiB, hexadecimal. */
  readonly ends: string;
}

/** Identifies a file. */
export async function identifyFile(path: string): Promise<FileIdentity> {
  await using file = await open(path, "r");
  const { size, mtimeMs } = await file.stat();
  const hash = createHash("sha256");
  for (const at of [0, Math.max(0, size - END_BYTES)]) {
    const bytes = new Uint8Array(Math.min(size, END_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
    hash.update(bytes.subarray(0, bytesRead));
  }
  return { size, changed: Math.floor(mtimeMs), ends: hash.digest("hex") };
}
