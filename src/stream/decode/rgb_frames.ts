import { Buffer } from "node:buffer";
import { avGetPixFmtName, avImageCopyToBuffer, Frame as AvFrame } from "node-av/lib";
import {
  AV_FRAME_FLAG_INTERLACED,
  AV_PIX_FMT_NONE,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB48LE,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";
import type { Frame, Picture, SampleFormat } from "../../frame.ts";
import { CodedPicture } from "../ffmpeg/coded_picture.ts";
import { type Colour, colourOf } from "../ffmpeg/colour.ts";
import { ColourConverter } from "../ffmpeg/colour_converter.ts";
import { ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { describePixelFormat } from "../ffmpeg/pixel_format.ts";
import { residueOf } from "../ffmpeg/residue.ts";
import { sampleFormatOf } from "../ffmpeg/sample_format.ts";
import { applyTable, type ToneCurve, toneCurveOf } from "../ffmpeg/tone_curve.ts";

/** A decoded picture, with what RGB does not hold of it where it has more than 8 bits. */
export type RgbFrame = Picture & Pick<Frame, "residue">;

/**
 * Turns decoded frames of one video stream into packed RGB pictures that own their memory: of 8 bits, or of 16 where the samples have
 * more than 8 or are HDR. HDR becomes SDR-like. Dispose it.
 */
export class RgbFrames implements Disposable {
  readonly #path: string;
  readonly #width: number;
  readonly #height: number;
  readonly #colour: Colour;
  readonly #converter: ColourConverter;
  readonly #rgb = new AvFrame();
  readonly #curve: ToneCurve | undefined;
  /** The way back, for samples of more than 8 bits. */
  readonly #back: CodedPicture | undefined;

  /** @param samples how all frames are read: tags of a frame that differ from it do not count */
  constructor(
    path: string,
    { width, height }: { readonly width: number; readonly height: number },
    samples: SampleFormat,
  ) {
    this.#path = path;
    [this.#width, this.#height] = [width, height];
    this.#colour = colourOf(samples, height);
    this.#curve = toneCurveOf(samples.transfer);
    this.#converter = new ColourConverter(path, "toRgb");
    const colour = this.#colour;
    const isKnown = colour.format !== AV_PIX_FMT_NONE;
    const isDeep = isKnown && (this.#curve !== undefined || describePixelFormat(colour.format).bits > 8);
    this.#rgb.alloc();
    this.#rgb.format = isDeep ? AV_PIX_FMT_RGB48LE : AV_PIX_FMT_RGB24;
    this.#rgb.width = this.#width;
    this.#rgb.height = this.#height;
    this.#rgb.colorSpace = AVCOL_SPC_RGB;
    this.#rgb.colorRange = AVCOL_RANGE_JPEG;
    ffmpegResult(this.#rgb.getBuffer(0), path, "get memory for a frame");
    if (isDeep) this.#back = new CodedPicture(path, { width, height, colour, transfer: samples.transfer });
  }

  /**
   * The picture of a decoded frame, whose colour tags are replaced.
   *
   * @throws {MediaError} if its size or pixel format is not that of the video.
   */
  async convert(decoded: AvFrame): Promise<RgbFrame> {
    await this.#toRgb(decoded);
    const [width, height] = [this.#width, this.#height];
    if (this.#back === undefined) return { data: this.#copied(1), width, height };
    const data = this.#deep();
    await this.#back.convert({ data: data.slice(), width, height });
    return { data, width, height, residue: residueOf(decoded, this.#back.frame) };
  }

  /** The same in 8 bits, whatever the samples have. */
  async convertToBytes(decoded: AvFrame): Promise<Picture & { readonly data: Uint8Array<ArrayBuffer> }> {
    await this.#toRgb(decoded);
    const [width, height] = [this.#width, this.#height];
    const data = this.#back === undefined
      ? this.#copied(1)
      : Uint8Array.from(this.#deep(), (value) => Math.round(value / 257));
    return { data, width, height };
  }

  [Symbol.dispose](): void {
    this.#converter[Symbol.dispose]();
    this.#back?.[Symbol.dispose]();
    this.#rgb.free();
  }

  /** Fills the RGB picture. */
  async #toRgb(decoded: AvFrame): Promise<void> {
    this.#refuseChange(decoded);
    decoded.colorSpace = this.#colour.matrix;
    decoded.colorRange = this.#colour.range;
    decoded.format = this.#colour.format;
    // The scaler converts interlaced pictures to interlaced ones only. Whole pictures are restored, with lines of both fields.
    decoded.clearFlags(AV_FRAME_FLAG_INTERLACED);
    await this.#converter.convert(decoded, this.#rgb);
  }

  /** The samples of the RGB picture, of HDR video by its curve. */
  #deep(): Uint16Array<ArrayBuffer> {
    const data = new Uint16Array(this.#copied(2).buffer);
    if (this.#curve) applyTable(data, this.#curve.toSdr);
    return data;
  }

  #refuseChange(decoded: AvFrame): void {
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
  }

  /** The bytes of the RGB picture, without what pads its rows. */
  #copied(sampleBytes: 1 | 2): Uint8Array<ArrayBuffer> {
    const [width, height] = [this.#width, this.#height];
    const bytes = new Uint8Array(width * height * 3 * sampleBytes);
    const format = sampleBytes === 2 ? AV_PIX_FMT_RGB48LE : AV_PIX_FMT_RGB24;
    const { data: planes, linesize } = this.#rgb;
    const packed = Buffer.from(bytes.buffer);
    const copied = avImageCopyToBuffer(packed, bytes.length, planes, linesize, format, width, height, 1);
    ffmpegResult(copied, this.#path, "copy a frame");
    return bytes;
  }
}
