import { createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ObjectStore } from "@nats-io/obj";
import { MediaError } from "../../errors.ts";

/** Bytes of the parts in which a file is read. */
const PART_BYTES = 2 ** 17;

/** Puts a file into a store, piece by piece. */
export async function putFile(store: ObjectStore, name: string, path: string): Promise<void> {
  const file = await open(path, "r");
  let at = 0;
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = new Uint8Array(PART_BYTES);
      const { bytesRead } = await file.read(part, 0, part.length, at);
      at += bytesRead;
      if (bytesRead === 0) controller.close();
      else controller.enqueue(part.subarray(0, bytesRead));
    },
  }, { highWaterMark: 0 });
  try {
    await store.put({ name }, bytes, { timeout: 60_000 });
  } finally {
    await file.close();
  }
}

/**
 * Gets a file out of a store, piece by piece. One that is not whole is removed.
 *
 * @param mostBytes More is refused before any of it is fetched.
 * @returns `false` if there is no such object.
 * @throws {MediaError} if it is too large, or damaged on the way.
 */
export async function getFile(
  store: ObjectStore,
  name: string,
  path: string,
  mostBytes: number,
): Promise<boolean> {
  const info = await store.info(name);
  if (info === null || info.deleted) return false;
  if (info.size > mostBytes) {
    throw new MediaError(name, `The server offers ${info.size} bytes of it, more than ${mostBytes}`);
  }
  const found = await store.get(name);
  if (found === null) return false;
  let bytes = 0;
  const counted = found.data.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        bytes += part.length;
        if (bytes > mostBytes) throw new MediaError(name, `More than ${mostBytes} bytes of it came`);
        controller.enqueue(part);
      },
    }),
  );
  try {
    await pipeline(Readable.from(counted), createWriteStream(path));
    const error = await found.error;
    if (error) throw new MediaError(name, `It was damaged on the way: ${error.message}`);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return true;
}
