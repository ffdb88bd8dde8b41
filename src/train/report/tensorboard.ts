import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs/light.js";
import { unwritable } from "../../part_file.ts";

/** The part of TensorFlow's `Event` message that curves need; field numbers as in `event.proto` and `summary.proto`. */
const EVENT = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
      },
    },
    Summary: { fields: { value: { rule: "repeated", type: "Value", id: 1 } } },
    Value: {
      fields: { tag: { type: "string", id: 1 }, simpleValue: { type: "float", id: 2 } },
      oneofs: { value: { oneof: ["simpleValue"] } }, // written also when it is 0
    },
  },
}).lookupType("Event");

/** Curves as an event file for TensorBoard. Every point is written at once; disposing closes the file. */
export class TensorBoard implements Disposable {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, "a");
  }

  /** Begins an event file in `directory`, which is created. @throws {MediaError} if it cannot be written. */
  static open(directory: string): TensorBoard {
    const path = join(directory, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${hostname()}`);
    try {
      mkdirSync(directory, { recursive: true });
      const board = new TensorBoard(path);
      board.#write({ fileVersion: "brain.Event:2" });
      return board;
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** Adds a point to a curve. @throws {MediaError} if it cannot be written. */
  scalar(name: string, value: number, step: number): void {
    this.#write({ step, summary: { value: [{ tag: name, simpleValue: value }] } });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(event: object): void {
    const bytes = EVENT.encode({ wallTime: Date.now() / 1000, ...event }).finish();
    try {
      writeSync(this.#file, encodeRecord(bytes));
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
  }
}

/** A record of TensorFlow's TFRecord format: the length, its checksum, the data and their checksum. */
function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}

/** CRC-32C, rotated and offset as TFRecord does it. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli). `node:zlib` only has the other polynomial. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] as number);
  return ~crc;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});
