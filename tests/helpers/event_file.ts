import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs/light.js";

/** A point of a curve in an event file of TensorBoard. */
export interface EventPoint {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

/** Masked CRC-32C as in TFRecord files, bit by bit. */
export function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** The records of the event files in `directory`. @throws {AssertionError} if a checksum is wrong. */
export async function readRecords(directory: string): Promise<Uint8Array[]> {
  const records: Uint8Array[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const bytes = await readFile(join(directory, name));
    for (let at = 0; at < bytes.length;) {
      const length = Number(bytes.readBigUInt64LE(at));
      const data = new Uint8Array(bytes.subarray(at + 12, at + 12 + length));
      assert.equal(bytes.readUInt32LE(at + 8), maskedCrc32c(bytes.subarray(at, at + 8)));
      assert.equal(bytes.readUInt32LE(at + 12 + length), maskedCrc32c(data));
      records.push(data);
      at += 16 + length;
    }
  }
  return records;
}

/** The points in the event files in `directory`. */
export async function readPoints(directory: string): Promise<EventPoint[]> {
  return (await readRecords(directory)).flatMap(pointsOf);
}

/** Reads the fields of an `Event`, without the program's own description of them. */
function pointsOf(event: Uint8Array): EventPoint[] {
  const reader = protobuf.Reader.create(event);
  let step = 0;
  const points: { tag: string; value: number }[] = [];
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if (key === (2 << 3)) step = Number(reader.int64());
    else if (key === (5 << 3 | 2)) points.push(...valuesOf(reader.bytes()));
    else reader.skipType(key & 7);
  }
  return points.map((point) => ({ ...point, step }));
}

function valuesOf(summary: Uint8Array): { tag: string; value: number }[] {
  const reader = protobuf.Reader.create(summary);
  const values: { tag: string; value: number }[] = [];
  while (reader.pos < reader.len) {
    reader.uint32();
    const value = protobuf.Reader.create(reader.bytes());
    let [tag, number] = ["", NaN];
    while (value.pos < value.len) {
      const key = value.uint32();
      if (key === (1 << 3 | 2)) tag = value.string();
      else if (key === (2 << 3 | 5)) number = value.float();
      else value.skipType(key & 7);
    }
    values.push({ tag, value: number });
  }
  return values;
}
