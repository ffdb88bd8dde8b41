import { Buffer } from "node:buffer";
import { avGetPixFmtName, avImageCopyToBuffer, Frame as AvFrame } from "node-av/lib";
import {
  AV_FRAME_FLAG_INTERLACED,
  AV_PIX_FMT_RGB24,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";
import type { Picture, SampleFormat } from "../../frame.ts";
import { type Colour, colourOf } from "../ffmpeg/colour.ts";
import { ColourConverter } from "../ffmpeg/colour_converter.ts";
import { ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { sampleFormatOf } from "../ffmpeg/sample_format.ts";

/** Turns decoded frames of one video stream into packed RGB pictures that own their memory. Dispose it. */
export class RgbFrames implements Disposable {
  readonly #path: string;
  readonly #width: number;
  readonly #height: number;
  readonly #colour: Colour;
  readonly #converter: ColourConverter;
  readonly #rgb = new AvFrame();

  /** @param samples how all frames are read: tags of a frame that differ from it do not count */
  constructor(
    path: string,
    { width, height }: { readonly width: number; readonly height: number },
    samples: SampleFormat,
  ) {
    this.#path = path;
    [this.#width, this.#height] = [width, height];
    this.#colour = colourOf(samples, height);
    this.#converter = new ColourConverter(path, "toRgb");
    this.#rgb.alloc();
    this.#rgb.format = AV_PIX_FMT_RGB24;
    this.#rgb.width = this.#width;
    this.#rgb.height = this.#height;
    this.#rgb.colorSpace = AVCOL_SPC_RGB;
    this.#rgb.colorRange = AVCOL_RANGE_JPEG;
    ffmpegResult(this.#rgb.getBuffer(0), path, "get memory for a frame");
  }

  /**
   * The picture of a decoded frame, whose colour tags are replaced.
   *
   * @throws {MediaError} if its size or pixel format is not that of the video.
   */
  async convert(decoded: AvFrame): Promise<Picture & { readonly data: Uint8Array<ArrayBuffer> }> {
    const [width, height] = [this.#width, this.#height];
    if (decoded.width !== width || decoded.height !== height) {
      throw new MediaError(
        this.#path,
        `The picture size changes from ${width}x${height} to ${decoded.width}x${decoded.height}. Cut the video there`,
      );
    }
    const { pixelFormat } = sampleFormatOf(decoded);
    const expected = avGetPixFmtName(this.#colour.format);
    if (pixelFormat !== expected) {
      throw new MediaError(
        this.#path,
        `The pixel format changes from ${expected} to ${pixelFormat}. Cut the video there`,
      );
    }
    decoded.colorSpace = this.#colour.matrix;
    decoded.colorRange = this.#colour.range;
    decoded.format = this.#colour.format;
    // The scaler converts interlaced pictures to interlaced ones only. Whole pictures are restored, with lines of both fields.
    decoded.clearFlags(AV_FRAME_FLAG_INTERLACED);
    await this.#converter.convert(decoded, this.#rgb);
    const data = new Uint8Array(width * height * 3);
    const { data: planes, linesize } = this.#rgb;
    const packed = Buffer.from(data.buffer);
    const copied = avImageCopyToBuffer(
      packed,
      data.length,
      planes,
      linesize,
      AV_PIX_FMT_RGB24,
      width,
      height,
      1,
    );
    ffmpegResult(copied, this.#path, "copy a frame");
    return { data, width, height };
  }

  [Symbol.dispose](): void {
    this.#converter[Symbol.dispose]();
    this.#rgb.free();
  }
}
