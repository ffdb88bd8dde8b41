import { Buffer } from "node:buffer";
import {
  type CodecParameters,
  Dictionary,
  FFmpegError,
  FormatContext,
  Packet,
  Rational,
  type Stream,
} from "node-av/lib";
import { openContainer } from "../../src/stream/ffmpeg/open_container.ts";

/** A stream of packets as they are. */
export interface RawStream {
  /** What the stream is. */
  readonly parameters: Partial<Omit<CodecParameters, "codecId" | "codecTag">> & {
    readonly codecId: number;
    readonly codecTag?: string;
  };
  /** Tags of the file. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Times in milliseconds. */
  readonly packets: readonly {
    readonly data: Uint8Array;
    readonly time: number;
    readonly duration: number;
  }[];
}

/** Writes a clip with the streams of `from` and one more, with FFmpeg directly. */
export async function addStream(
  path: string,
  from: string,
  { parameters, packets, tags }: RawStream,
): Promise<void> {
  const input = await openContainer(from);
  const output = new FormatContext();
  must(output.allocOutputContext2(null, null, `file:${path}`));
  for (const source of input.streams) {
    const copy = output.newStream(null);
    source.codecpar.copy(copy.codecpar);
    copy.codecpar.codecTag = 0;
    copy.timeBase = source.timeBase;
  }
  const added = output.newStream(null);
  Object.assign(added.codecpar, parameters);
  added.timeBase = new Rational(1, 1000);
  must(await output.openOutput());
  if (tags) output.metadata = Dictionary.fromObject(tags);
  must(await output.writeHeader(tags ? Dictionary.fromObject({ movflags: "use_metadata_tags" }) : null));
  await copyPackets(input, output);
  for (const packet of packets) await writePacket(output, added, packet);
  must(await output.writeTrailer());
  await output.closeOutput();
  output.freeContext();
  await input.closeInput();
}

/** The packets of one stream of a file. */
export async function packetsOf(
  path: string,
  index: number,
): Promise<{ data: Buffer; pts: bigint; duration: bigint }[]> {
  const container = await openContainer(path);
  const packets = [];
  using packet = new Packet();
  packet.alloc();
  while (await container.readFrame(packet) >= 0) {
    const { data, pts, duration, streamIndex } = packet;
    if (streamIndex === index && data) packets.push({ data: Buffer.from(data), pts, duration });
    packet.unref();
  }
  await container.closeInput();
  return packets;
}

async function copyPackets(input: FormatContext, output: FormatContext): Promise<void> {
  using packet = new Packet();
  packet.alloc();
  while (await input.readFrame(packet) >= 0) {
    const [source, target] = [input.streams[packet.streamIndex], output.streams[packet.streamIndex]];
    if (source && target) packet.rescaleTs(source.timeBase, target.timeBase);
    must(await output.interleavedWriteFrame(packet));
  }
}

async function writePacket(
  output: FormatContext,
  stream: Stream,
  { data, time, duration }: RawStream["packets"][number],
) {
  using packet = new Packet();
  packet.alloc();
  packet.data = Buffer.from(data);
  packet.streamIndex = stream.index;
  packet.pts = packet.dts = BigInt(time);
  packet.duration = BigInt(duration);
  packet.rescaleTs(new Rational(1, 1000), stream.timeBase);
  must(await output.interleavedWriteFrame(packet));
}

function must(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
