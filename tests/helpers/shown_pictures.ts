import {
  avImageCopyToBuffer,
  Codec,
  CodecContext,
  FFmpegError,
  FormatContext,
  Frame,
  Packet,
  SoftwareScaleContext,
} from "node-av/lib";
import { AV_PIX_FMT_RGB24, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { Buffer } from "node:buffer";

/** The pictures of a video as FFmpeg itself shows them: packed 8-bit RGB, through none of the code under test. */
export async function shownPictures(path: string): Promise<Uint8Array[]> {
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
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  const pictures: Uint8Array[] = [];
  const drain = async () => {
    while (await decoder.receiveFrame(frame) >= 0) pictures.push(await toRgb(scaler, frame));
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
  return pictures;
}

async function toRgb(scaler: SoftwareScaleContext, frame: Frame): Promise<Uint8Array> {
  const { width, height } = frame;
  using rgb = new Frame();
  rgb.alloc();
  rgb.format = AV_PIX_FMT_RGB24;
  rgb.width = width;
  rgb.height = height;
  rgb.colorSpace = AVCOL_SPC_RGB;
  rgb.colorRange = AVCOL_RANGE_JPEG;
  must(rgb.getBuffer(0));
  must(await scaler.scaleFrame(rgb, frame));
  const bytes = Buffer.alloc(3 * width * height);
  must(avImageCopyToBuffer(bytes, bytes.length, rgb.data, rgb.linesize, AV_PIX_FMT_RGB24, width, height, 1));
  return new Uint8Array(bytes);
}

function must(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
