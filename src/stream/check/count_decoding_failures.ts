import { Codec, CodecContext, type FormatContext, Frame, Packet, type Stream } from "node-av/lib";
import { AVERROR_EOF, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { AVERROR_EAGAIN, ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { openContainer } from "../ffmpeg/open_container.ts";

/** What came of decoding a whole stream. */
export interface DecodedStream {
  /** Frames that came out. */
  frames: number;
  /** Packets that the decoder refused, and frames parts of which it had to conceal. */
  failed: number;
}

/**
 * Decodes all video and sound of a file, and keeps nothing of it.
 *
 * @returns What came of each stream that there is a decoder for, by its index.
 * @throws {MediaError} if the file cannot be read.
 */
export async function countDecodingFailures(
  path: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, DecodedStream>> {
  await using resources = new AsyncDisposableStack();
  const container = resources.adopt(await openContainer(path, { signal }), (opened) => opened.closeInput());
  const decoders = new Map<number, CodecContext>();
  const counts = new Map<number, DecodedStream>();
  for (const stream of container.streams) {
    const decoder = await openDecoder(stream, path);
    if (decoder === undefined) continue;
    decoders.set(stream.index, resources.adopt(decoder, (opened) => opened.freeContext()));
    counts.set(stream.index, { frames: 0, failed: 0 });
  }
  await decodeAll(container, path, (index, packet) => {
    signal?.throwIfAborted();
    const [decoder, count] = [decoders.get(index), counts.get(index)];
    return decoder && count ? decodePacket(decoder, packet, count) : Promise.resolve();
  });
  for (const [index, count] of counts) {
    const decoder = decoders.get(index);
    if (decoder) await decodePacket(decoder, null, count);
  }
  return counts;
}

async function openDecoder({ codecpar, timeBase }: Stream, path: string): Promise<CodecContext | undefined> {
  const isShown = codecpar.codecType === AVMEDIA_TYPE_VIDEO || codecpar.codecType === AVMEDIA_TYPE_AUDIO;
  const codec = isShown ? Codec.findDecoder(codecpar.codecId) : null;
  if (codec === null) return undefined;
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  ffmpegResult(decoder.parametersToContext(codecpar), path, "set up a decoder");
  decoder.pktTimebase = timeBase;
  ffmpegResult(await decoder.open2(codec, null), path, "open a decoder");
  return decoder;
}

async function decodeAll(
  container: FormatContext,
  path: string,
  decode: (index: number, packet: Packet) => Promise<void>,
): Promise<void> {
  using packet = new Packet();
  packet.alloc();
  for (;;) {
    const read = await container.readFrame(packet);
    if (read === AVERROR_EAGAIN) continue;
    if (read === AVERROR_EOF) return;
    ffmpegResult(read, path, "read it to its end");
    await decode(packet.streamIndex, packet);
    packet.unref();
  }
}

async function decodePacket(
  decoder: CodecContext,
  packet: Packet | null,
  count: DecodedStream,
): Promise<void> {
  using frame = new Frame();
  frame.alloc();
  if (await decoder.sendPacket(packet) < 0) count.failed++;
  for (;;) {
    const received = await decoder.receiveFrame(frame);
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
    if (received < 0) {
      count.failed++;
      if (packet === null) continue; // further frames may wait
      return;
    }
    count.frames++;
    if (frame.decodeErrorFlags !== 0) count.failed++;
  }
}
