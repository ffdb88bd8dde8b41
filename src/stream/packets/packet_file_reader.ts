import { type FileHandle, open } from "node:fs/promises";
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { MediaError } from "../../errors.ts";
import {
  END,
  END_LENGTH,
  END_RECORD,
  HEAD,
  HEAD_RECORD,
  MAGIC,
  PACKET_HEAD,
  PACKET_RECORD,
  type PacketFileEnd,
  type PacketFileHead,
  RECORD_HEAD,
} from "./packet_file.ts";

/** More bytes than any record has: a file that claims more is damaged. */
const MOST_BYTES = 2 ** 29;

/** A packet as it was written. */
export interface StoredPacket {
  readonly pts: bigint;
  readonly dts: bigint;
  readonly duration: bigint;
  readonly flags: number;
  readonly side: readonly { readonly type: number; readonly data: Buffer }[];
  readonly data: Buffer;
}

/** A file of packets, open for reading. Dispose it. */
export class PacketFileReader implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #size: number;
  readonly head: PacketFileHead;
  #at: number;

  private constructor(path: string, file: FileHandle, size: number, head: PacketFileHead, at: number) {
    [this.#path, this.#file, this.#size, this.head, this.#at] = [path, file, size, head, at];
  }

  /** @throws {MediaError} if it is no file of packets. */
  static async open(path: string): Promise<PacketFileReader> {
    const file = await open(path, "r").catch((cause) => {
      throw new MediaError(path, "Cannot be read", { cause });
    });
    try {
      const { size } = await file.stat();
      const magic = Buffer.alloc(MAGIC.length);
      await file.read(magic, 0, magic.length, 0);
      if (!magic.equals(MAGIC)) throw damaged(path);
      const { kind, content, next } = await readRecord(path, file, MAGIC.length, size);
      if (kind !== HEAD_RECORD) throw damaged(path);
      return new PacketFileReader(path, file, size, parseJson(path, content, HEAD), next);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** What the end of the file says, without reading the packets. @throws {MediaError} if the file is not whole. */
  async readEnd(): Promise<PacketFileEnd> {
    const at = Math.max(0, this.#size - RECORD_HEAD - END_LENGTH);
    const { kind, content } = await readRecord(this.#path, this.#file, at, this.#size);
    if (kind !== END_RECORD) throw damaged(this.#path);
    return parseJson(this.#path, content, END);
  }

  /** Every packet in its order. @throws {MediaError} if the file is damaged or not whole. */
  async *packets(): AsyncGenerator<StoredPacket> {
    for (let packets = 0;; packets++) {
      const { kind, content, next } = await readRecord(this.#path, this.#file, this.#at, this.#size);
      this.#at = next;
      if (kind === PACKET_RECORD) yield parsePacket(this.#path, content);
      else {
        const end = kind === END_RECORD ? parseJson(this.#path, content, END) : undefined;
        if (end?.packets !== packets || next !== this.#size) throw damaged(this.#path);
        return;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function readRecord(path: string, file: FileHandle, at: number, size: number) {
  const head = Buffer.alloc(RECORD_HEAD);
  if ((await file.read(head, 0, head.length, at)).bytesRead < head.length) throw damaged(path);
  const length = head.readUInt32LE(1);
  const next = at + RECORD_HEAD + length;
  if (length > MOST_BYTES || next > size) throw damaged(path);
  const content = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(content, done, length - done, at + RECORD_HEAD + done);
    if (bytesRead === 0) throw damaged(path);
    done += bytesRead;
  }
  return { kind: head.readUInt8(0), content, next };
}

function parsePacket(path: string, content: Buffer): StoredPacket {
  if (content.length < PACKET_HEAD) throw damaged(path);
  const side: { type: number; data: Buffer }[] = [];
  let at = PACKET_HEAD;
  for (let pieces = content.readUInt32LE(28); pieces > 0; pieces--) {
    if (at + 8 > content.length) throw damaged(path);
    const [type, length] = [content.readUInt32LE(at), content.readUInt32LE(at + 4)];
    if (at + 8 + length > content.length) throw damaged(path);
    side.push({ type, data: content.subarray(at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return {
    pts: content.readBigInt64LE(0),
    dts: content.readBigInt64LE(8),
    duration: content.readBigInt64LE(16),
    flags: content.readUInt32LE(24),
    side,
    data: content.subarray(at),
  };
}

function parseJson<T>(path: string, content: Buffer, schema: v.GenericSchema<unknown, T>): T {
  try {
    return v.parse(schema, JSON.parse(content.toString("utf8")));
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function damaged(path: string, cause?: unknown): MediaError {
  return new MediaError(path, "It is no whole file of encoded packets", { cause });
}
