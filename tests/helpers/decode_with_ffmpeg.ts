import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Packet } from "node-av/lib";
import { AVMEDIA_TYPE_VIDEO, type AVMediaType } from "node-av/constants";

/**
 * Decodes the best stream of a type, by FFmpeg itself, through none of the code under test.
 *
 * @param use Called with each frame, which is good until it resolves.
 */
export async function decodeWithFfmpeg(
  path: string,
  type: AVMediaType,
  use: (frame: Frame) => Promise<void> | void,
): Promise<void> {
  const container = await openWithFfmpeg(path);
  const index = container.findBestStream(type);
  const stream = container.streams[index];
  const codec = stream && Codec.findDecoder(stream.codecpar.codecId);
  if (!stream || !codec) throw new Error(`${path} has no ${type === AVMEDIA_TYPE_VIDEO ? "video" : "audio"}`);
  using decoder = new CodecContext();
  decoder.allocContext3(codec);
  must(decoder.parametersToContext(stream.codecpar));
  decoder.pktTimebase = stream.timeBase;
  must(await decoder.open2(codec, null));
  using packet = new Packet();
  packet.alloc();
  using frame = new Frame();
  frame.alloc();
  const drain = async () => {
    while (await decoder.receiveFrame(frame) >= 0) await use(frame);
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
}

/** Opens a file and finds its streams. The caller closes it. */
export async function openWithFfmpeg(path: string): Promise<FormatContext> {
  const container = new FormatContext();
  must(await container.openInput(`file:${path}`));
  must(await container.findStreamInfo());
  return container;
}

/** @throws {Error} in FFmpeg's words if a result is an error. */
export function must(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
