import { type CodecContext, Packet } from "node-av/lib";
import type { AVPacketFlag, AVPacketSideDataType } from "node-av/constants";
import { MediaError } from "../../errors.ts";
import { ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { decodeTimes } from "./decode_times.ts";
import type { PacketFileHead } from "./packet_file.ts";
import { PacketFileReader, type StoredPacket } from "./packet_file_reader.ts";
import { headersOf } from "./packet_file_writer.ts";

/** The packets of files that follow each other in one stream. */
export class JoinedPackets {
  /** What all files say of the stream. */
  readonly head: PacketFileHead;
  readonly #paths: readonly string[];
  /** Most packets, in any of the files, that are decoded before one that is shown earlier. */
  readonly #reordered: number;

  private constructor(paths: readonly string[], head: PacketFileHead, reordered: number) {
    [this.#paths, this.head, this.#reordered] = [paths, head, reordered];
  }

  /** @throws {MediaError} if a file is not whole, or is of another stream than the first. */
  static async open(paths: readonly string[]): Promise<JoinedPackets> {
    let head: PacketFileHead | undefined;
    let reordered = 0;
    for (const path of paths) {
      await using file = await PacketFileReader.open(path);
      head ??= file.head;
      if (JSON.stringify(file.head) !== JSON.stringify(head)) throw misfit(path);
      reordered = Math.max(reordered, (await file.readEnd()).reordered);
    }
    if (head === undefined) throw new RangeError("There are no segments to join");
    return new JoinedPackets(paths, head, reordered);
  }

  /** @throws {MediaError} if an encoder, as it is here, would not have written these packets. */
  refuseOther(encoder: CodecContext): void {
    const [first = ""] = this.#paths;
    if (headersOf(encoder) !== this.head.extradata) throw misfit(first);
  }

  /**
   * Every packet, in the order of decoding; a packet may be used until the next one is asked for.
   *
   * @param shift Gives the time in the output of a time of the source.
   */
  async *packets(shift: (pts: bigint) => bigint): AsyncGenerator<Packet> {
    using packet = new Packet();
    packet.alloc();
    for await (const { stored, dts } of decodeTimes(this.#stored(), this.#reordered)) {
      packet.data = stored.data;
      packet.pts = shift(stored.pts);
      packet.dts = shift(dts);
      packet.duration = stored.duration;
      packet.flags = stored.flags as AVPacketFlag;
      packet.timeBase = this.head.timeBase;
      for (const { type, data } of stored.side) {
        ffmpegResult(packet.addSideData(type as AVPacketSideDataType, data), "segment", "copy side data");
      }
      yield packet;
      packet.unref();
    }
  }

  async *#stored(): AsyncGenerator<StoredPacket> {
    for (const path of this.#paths) {
      await using file = await PacketFileReader.open(path);
      yield* file.packets();
    }
  }
}

function misfit(path: string): MediaError {
  const what = "It was encoded in another way than the rest of the video";
  return new MediaError(path, `${what}: by another version or with other settings`);
}
