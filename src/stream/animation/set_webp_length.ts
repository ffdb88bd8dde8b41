import { Buffer } from "node:buffer";
import { open } from "node:fs/promises";
import type { ShownLength } from "./animation_options.ts";

/** Most that a frame of an animated WebP can be shown, in milliseconds. */
const MAX_DURATION = 0xffffff;

/** Where the duration of a frame is in its chunk, behind the name and the length of it. */
const DURATION_AT = 8 + 12;

/** Sets how long an animated WebP file plays once, by the duration of its last frame; nothing for a still one. */
export async function setWebpLength(path: string, { all }: ShownLength): Promise<void> {
  const milliseconds = Math.round(1000 * all);
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  let before = 0;
  let last: { readonly at: number; readonly duration: number } | undefined;
  let at = 12;
  while (at + 8 <= size) {
    const head = Buffer.alloc(DURATION_AT + 3);
    await file.read(head, 0, head.length, at);
    if (head.toString("latin1", 0, 4) === "ANMF") {
      before += last?.duration ?? 0;
      last = { at, duration: head.readUIntLE(DURATION_AT, 3) };
    }
    const length = head.readUInt32LE(4);
    at += 8 + length + length % 2;
  }
  if (last === undefined) return;
  const bytes = new Uint8Array(3);
  const duration = Math.max(0, Math.min(MAX_DURATION, milliseconds - before));
  for (const i of [0, 1, 2]) bytes[i] = duration >> (8 * i);
  await file.write(bytes, 0, bytes.length, last.at + DURATION_AT);
}
