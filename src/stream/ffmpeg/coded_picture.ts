import { Buffer } from "node:buffer";
import { Frame as AvFrame } from "node-av/lib";
import { AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48LE, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB } from "node-av/constants";
import type { Frame, Picture } from "../../frame.ts";
import type { Colour } from "./colour.ts";
import { ColourConverter } from "./colour_converter.ts";
import { ffmpegResult } from "./ffmpeg_result.ts";
import { addResidue } from "./residue.ts";
import { applyTable, toneCurveOf } from "./tone_curve.ts";

/** What pictures are converted to. */
export interface CodedFormat {
  readonly width: number;
  readonly height: number;
  readonly colour: Colour;
  /** Transfer characteristics: pictures of HDR video come with SDR-like values, and get their own back. */
  readonly transfer: number;
}

/** Converts RGB pictures to the samples that an encoder takes, one at a time. Dispose it. */
export class CodedPicture implements Disposable {
  /** The last one that was converted; an encoder may keep a reference to it. */
  readonly frame = new AvFrame();
  readonly #path: string;
  readonly #format: CodedFormat;
  readonly #converter: ColourConverter;
  #lent: Buffer | undefined;

  constructor(path: string, format: CodedFormat) {
    [this.#path, this.#format] = [path, format];
    this.#converter = new ColourConverter(path, "fromRgb");
    const { frame } = this;
    frame.alloc();
    frame.format = format.colour.format;
    frame.width = format.width;
    frame.height = format.height;
    frame.colorSpace = format.colour.matrix;
    frame.colorRange = format.colour.range;
    ffmpegResult(frame.getBuffer(0), path, "get memory for a frame");
  }

  /** Fills `frame`, in new memory where the old is still referred to. Of HDR video, `picture` is changed. */
  async convert({ data, width, height, residue }: Picture & Pick<Frame, "residue">): Promise<void> {
    ffmpegResult(this.frame.makeWritable(), this.#path, "get memory for a frame");
    const curve = toneCurveOf(this.#format.transfer);
    const samples = curve && data instanceof Uint8Array
      ? Uint16Array.from(data, (value) => 257 * value)
      : data;
    if (curve && samples instanceof Uint16Array) applyTable(samples, curve.fromSdr);
    const format = samples instanceof Uint16Array ? AV_PIX_FMT_RGB48LE : AV_PIX_FMT_RGB24;
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    // The frame points into these bytes without owning them: they must outlive the work on the other thread.
    this.#lent = bytes;
    using rgb = AvFrame.fromVideoBuffer(bytes, { width, height, format });
    rgb.colorSpace = AVCOL_SPC_RGB;
    rgb.colorRange = AVCOL_RANGE_JPEG;
    await this.#converter.convert(rgb, this.frame);
    this.#lent = undefined;
    if (residue !== undefined) addResidue(this.frame, residue);
  }

  [Symbol.dispose](): void {
    this.#converter[Symbol.dispose]();
    this.frame.free();
  }
}
