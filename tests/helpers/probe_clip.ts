import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Packet, type Stream } from "node-av/lib";
import {
  AV_PKT_DATA_DISPLAYMATRIX,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";

/** What a viewer or listener gets from one stream of a file. */
export interface ProbedStream {
  readonly codecId: number;
  readonly type: "video" | "audio" | "subtitle" | "other";
  readonly matrix: number;
  readonly range: number;
  readonly primaries: number;
  readonly transfer: number;
  readonly sampleAspect: string;
  readonly displayMatrix: string;
  readonly timeBase: string;
  readonly tags: Record<string, string>;
  /** Presentation times in seconds, sorted. */
  readonly times: number[];
  /** Seconds each packet lasts, in file order; 0 where the container does not say. */
  readonly durations: number[];
  /** Size and checksum of every packet, in file order. */
  readonly packets: string[];
}

/** A file read with FFmpeg directly, through none of the code under test. */
export interface ProbedClip {
  readonly tags: Record<string, string>;
  readonly streams: ProbedStream[];
}

/** Reads every packet of a file. */
export async function probeClip(path: string): Promise<ProbedClip> {
  const container = await open(path);
  const streams = container.streams.map(describe);
  using packet = new Packet();
  packet.alloc();
  while (await container.readFrame(packet) >= 0) {
    const stream = container.streams[packet.streamIndex];
    const probed = streams[packet.streamIndex];
    if (stream && probed) {
      probed.times.push(Number(packet.pts) * stream.timeBase.num / stream.timeBase.den);
      probed.durations.push(Number(packet.duration) * stream.timeBase.num / stream.timeBase.den);
      probed.packets.push(`${packet.size} ${checksum(packet.data ?? new Uint8Array())}`);
    }
    packet.unref();
  }
  for (const stream of streams) stream.times.sort((a, b) => a - b);
  const tags = container.metadata?.getAll() ?? {};
  await container.closeInput();
  return { tags, streams };
}

/** Decodes the first audio stream: samples of its first channel, priming taken off as a player does. */
export async function decodeAudio(path: string): Promise<Float32Array> {
  const container = await open(path);
  const index = container.findBestStream(AVMEDIA_TYPE_AUDIO);
  const stream = container.streams[index];
  const codec = stream && Codec.findDecoder(stream.codecpar.codecId);
  if (!stream || !codec) throw new Error(`${path} has no audio`);
  using decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.pktTimebase = stream.timeBase;
  must(await decoder.open2(codec, null));
  using packet = new Packet();
  packet.alloc();
  using frame = new Frame();
  frame.alloc();
  const samples: number[] = [];
  const drain = async () => {
    while (await decoder.receiveFrame(frame) >= 0) {
      const plane = frame.data?.[0];
      if (plane) samples.push(...new Float32Array(plane.buffer, plane.byteOffset, frame.nbSamples));
    }
  };
  while (await container.readFrame(packet) >= 0) {
    if (packet.streamIndex === index) {
      must(await decoder.sendPacket(packet));
      await drain();
    }
    packet.unref();
  }
  await decoder.sendPacket(null);
  await drain();
  await container.closeInput();
  return Float32Array.from(samples);
}

async function open(path: string): Promise<FormatContext> {
  const container = new FormatContext();
  must(await container.openInput(`file:${path}`));
  must(await container.findStreamInfo());
  return container;
}

function describe(stream: Stream): ProbedStream {
  const parameters = stream.codecpar;
  const types = new Map<number, ProbedStream["type"]>([
    [AVMEDIA_TYPE_VIDEO, "video"],
    [AVMEDIA_TYPE_AUDIO, "audio"],
    [AVMEDIA_TYPE_SUBTITLE, "subtitle"],
  ]);
  const { num, den } = stream.sampleAspectRatio;
  return {
    codecId: parameters.codecId,
    type: types.get(parameters.codecType) ?? "other",
    matrix: parameters.colorSpace,
    range: parameters.colorRange,
    primaries: parameters.colorPrimaries,
    transfer: parameters.colorTrc,
    sampleAspect: `${num}:${den}`,
    displayMatrix: parameters.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)?.toString("hex") ?? "",
    timeBase: `${stream.timeBase.num}/${stream.timeBase.den}`,
    tags: stream.metadata?.getAll() ?? {},
    times: [],
    durations: [],
    packets: [],
  };
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return sum;
}

function must(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
