import { Packet, type Stream } from "node-av/lib";
import {
  AV_PKT_DATA_DISPLAYMATRIX,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { decodeWithFfmpeg, openWithFfmpeg } from "./decode_with_ffmpeg.ts";

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
  const container = await openWithFfmpeg(path);
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
  const samples: number[] = [];
  await decodeWithFfmpeg(path, AVMEDIA_TYPE_AUDIO, (frame) => {
    const plane = frame.data?.[0];
    if (plane) samples.push(...new Float32Array(plane.buffer, plane.byteOffset, frame.nbSamples));
  });
  return Float32Array.from(samples);
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
