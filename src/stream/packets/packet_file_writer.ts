import { type FileHandle, open } from "node:fs/promises";
import { Buffer } from "node:buffer";
import type { CodecContext, Packet } from "node-av/lib";
import {
  AV_PKT_DATA_DYNAMIC_HDR10_PLUS,
  AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL,
  AV_PKT_DATA_NEW_EXTRADATA,
  type AVPacketSideDataType,
} from "node-av/constants";
import { unwritable } from "../../part_file.ts";
import {
  END_LENGTH,
  END_RECORD,
  HEAD_RECORD,
  MAGIC,
  PACKET_HEAD,
  PACKET_RECORD,
  type PacketFileEnd,
  type PacketFileHead,
  RECORD_HEAD,
} from "./packet_file.ts";

/** Side data that muxers write. */
const SIDE_DATA: readonly AVPacketSideDataType[] = [
  AV_PKT_DATA_NEW_EXTRADATA,
  AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL,
  AV_PKT_DATA_DYNAMIC_HDR10_PLUS,
];

/**
 * Writes the packets of one encoded video stream to a file, exactly: no container keeps every time base and every length. It has the
 * methods of a muxer. Dispose it.
 */
export class PacketFileWriter implements AsyncDisposable {
  readonly notes: readonly string[] = [];
  readonly #path: string;
  readonly #partPath: string;
  #file: FileHandle | undefined;
  readonly #times: bigint[] = [];

  /** @param path the file as errors name it @param partPath the file itself, which may be overwritten */
  constructor(path: string, partPath: string) {
    [this.#path, this.#partPath] = [path, partPath];
  }

  /** Begins the file with what the encoder, which is open by now, says of the stream. */
  async start(encoder: CodecContext): Promise<void> {
    const { width, height, timeBase: { num, den } } = encoder;
    const head: PacketFileHead = { width, height, timeBase: { num, den }, extradata: headersOf(encoder) };
    try {
      this.#file = await open(this.#partPath, "w");
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
    await this.#append(MAGIC);
    await this.#record(HEAD_RECORD, Buffer.from(JSON.stringify(head)));
  }

  /** The time of a frame in this file: that of the source. */
  shift(pts: bigint): bigint {
    return pts;
  }

  async write(packet: Packet): Promise<void> {
    this.#times.push(packet.pts);
    const side = SIDE_DATA.flatMap((type) => {
      const data = packet.getSideData(type);
      return data === null ? [] : [{ type, data }];
    });
    const head = Buffer.alloc(PACKET_HEAD);
    head.writeBigInt64LE(packet.pts, 0);
    head.writeBigInt64LE(packet.dts, 8);
    head.writeBigInt64LE(packet.duration, 16);
    head.writeUInt32LE(packet.flags, 24);
    head.writeUInt32LE(side.length, 28);
    const pieces = side.flatMap(({ type, data }) => {
      const sideHead = Buffer.alloc(8);
      sideHead.writeUInt32LE(type, 0);
      sideHead.writeUInt32LE(data.length, 4);
      return [sideHead, data];
    });
    await this.#record(PACKET_RECORD, Buffer.concat([head, ...pieces, packet.data ?? Buffer.alloc(0)]));
  }

  async finish(): Promise<void> {
    const end: PacketFileEnd = { packets: this.#times.length, reordered: mostReordered(this.#times) };
    await this.#record(END_RECORD, Buffer.from(JSON.stringify(end).padEnd(END_LENGTH)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #record(kind: number, content: Buffer): Promise<void> {
    const head = Buffer.alloc(RECORD_HEAD);
    head.writeUInt8(kind, 0);
    head.writeUInt32LE(content.length, 1);
    await this.#append(Buffer.concat([head, content]));
  }

  async #append(bytes: Buffer): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += (await this.#file?.write(bytes, at))?.bytesWritten ?? bytes.length;
      }
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
  }
}

/** The codec's headers as an open encoder has them, base64. */
export function headersOf(encoder: CodecContext): string {
  return encoder.extraData?.toString("base64") ?? "";
}

/** How many packets more than are shown before it are decoded before a packet, at most. @param times in the order of decoding */
export function mostReordered(times: readonly bigint[]): number {
  const ranks = new Map([...times].sort((a, b) => a < b ? -1 : 1).map((time, rank) => [time, rank]));
  return times.reduce((most, time, i) => Math.max(most, i - (ranks.get(time) ?? i)), 0);
}
