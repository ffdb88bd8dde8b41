import { Buffer } from "node:buffer";
import { avGetPixFmtName, avImageCopyToBuffer, Frame as AvFrame, InputFormat } from "node-av/lib";
import {
  AV_PIX_FMT_GRAY16LE,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB48LE,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_RGBA64LE,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
  type AVPixelFormat,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";
import { ColourConverter } from "./colour_converter.ts";
import { ffmpegResult } from "./ffmpeg_result.ts";
import { fileAddress, openAddress } from "./open_container.ts";
import { describePixelFormat } from "./pixel_format.ts";
import { videoStream } from "./video_stream.ts";
import { VideoDecoder } from "./video_decoder.ts";

/** A still picture, decoded. */
export interface DecodedStill {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGB and opacity. */
  readonly channels: 1 | 3 | 4;
  readonly samples: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

/** Size and kind of samples of a still picture, by what comes before its samples. */
export type StillLayout = Pick<DecodedStill, "width" | "height" | "channels"> & { readonly bits: 8 | 16 };

/** What a picture is converted to, by channels and bits. */
const TARGETS: Readonly<Record<string, AVPixelFormat>> = {
  "1 8": AV_PIX_FMT_GRAY8,
  "1 16": AV_PIX_FMT_GRAY16LE,
  "3 8": AV_PIX_FMT_RGB24,
  "3 16": AV_PIX_FMT_RGB48LE,
  "4 8": AV_PIX_FMT_RGBA,
  "4 16": AV_PIX_FMT_RGBA64LE,
};
