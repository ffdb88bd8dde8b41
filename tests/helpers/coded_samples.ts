import {
  avGetPixFmtName,
  avImageCopyToBuffer,
  avImageGetBufferSize,
  Codec,
  CodecContext,
  FFmpegError,
  FormatContext,
  Frame,
  Packet,
} from "node-av/lib";
import { AVMEDIA_TYPE_VIDEO, type AVPixelFormat } from "node-av/constants";
import { Buffer } from "node:buffer";

/** One frame of a video as it is coded, decoded through none of the code under test. */
export interface CodedFrame {
  /** FFmpeg's name. */
  readonly pixelFormat: string;
  readonly transfer: number;
  readonly primaries: number;
  readonly matrix: number;
  /** All planes, row by row. */
  readonly samples: Uint8Array | Uint16Array;
}

/** The samples of every frame of a video: YUV as a rule, nothing converted. */
export async function codedFrames(path: string): Promise<CodedFrame[]> {
  const container = new FormatContext();
  must(await container.openInput(`file:${path}`));
  must(await container.findStreamInfo());
  const index = container.findBestStream(AVMEDIA_TYPE_VIDEO);
  const stream = container.streams[index];
  const codec = stream && Codec.findDecoder(stream.codecpar.codecId);
  if (!stream || !codec) throw new Error(`${path} has no video`);
  using decoder = new CodecContext();
  decoder.allocContext3(codec);
  must(decoder.parametersToContext(stream.codecpar));
  must(await decoder.open2(codec, null));
  using packet = new Packet();
  packet.alloc();
  using frame = new Frame();
  frame.alloc();
  const frames: CodedFrame[] = [];
  const drain = async () => {
    while (await decoder.receiveFrame(frame) >= 0) frames.push(codedFrame(frame));
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
  return frames;
}

/** The largest difference of any sample of two videos of one pixel format. */
export function largestDifference(one: readonly CodedFrame[], other: readonly CodedFrame[]): number {
  let largest = 0;
  one.forEach(({ samples }, t) => {
    for (let i = 0; i < samples.length; i++) {
      largest = Math.max(largest, Math.abs((samples[i] ?? 0) - (other[t]?.samples[i] ?? Infinity)));
    }
  });
  return largest;
}

function codedFrame(frame: Frame): CodedFrame {
  const { width, height } = frame;
  const format = frame.format as AVPixelFormat;
  const bytes = Buffer.alloc(avImageGetBufferSize(format, width, height, 1));
  must(avImageCopyToBuffer(bytes, bytes.length, frame.data, frame.linesize, format, width, height, 1));
  const pixelFormat = avGetPixFmtName(format) ?? "";
  const copy = new Uint8Array(bytes);
  return {
    pixelFormat,
    transfer: frame.colorTrc,
    primaries: frame.colorPrimaries,
    matrix: frame.colorSpace,
    samples: /\d{2}le$/.test(pixelFormat) ? new Uint16Array(copy.buffer) : copy,
  };
}

function must(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
