import { avImageCopyToBuffer, Frame, SoftwareScaleContext } from "node-av/lib";
import { AV_PIX_FMT_RGB24, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { Buffer } from "node:buffer";
import { decodeWithFfmpeg, must } from "./decode_with_ffmpeg.ts";

/** The pictures of a video as FFmpeg itself shows them: packed 8-bit RGB, through none of the code under test. */
export async function shownPictures(path: string): Promise<Uint8Array[]> {
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  const pictures: Uint8Array[] = [];
  await decodeWithFfmpeg(path, AVMEDIA_TYPE_VIDEO, async (frame) => {
    pictures.push(await toRgb(scaler, frame));
  });
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
