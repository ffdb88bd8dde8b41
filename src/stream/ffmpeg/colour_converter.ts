import { avGetPixFmtFromName, avGetPixFmtName, Frame as AvFrame, SoftwareScaleContext } from "node-av/lib";
import {
  AV_PIX_FMT_NONE,
  AVCHROMA_LOC_CENTER,
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_RANGE_JPEG,
  AVCOL_TRC_UNSPECIFIED,
  type AVPixelFormat,
} from "node-av/constants";
import { ffmpegResult } from "./ffmpeg_result.ts";

/**
 * How chroma of halved resolution is brought to full and back. Repeating each sample and averaging what it was
 * repeated to is the one pair that gives an untouched picture its own chroma back (70 dB on a 720p clip; bicubic both
 * ways 57 dB, a difference above 1/255 in 1.5 % of the samples). Without `accurate_rnd` values are rounded down.
 */
const SCALER_FLAGS = {
  toRgb: "neighbor+accurate_rnd+full_chroma_int+full_chroma_inp",
  fromRgb: "area+accurate_rnd+full_chroma_int+full_chroma_inp",
} as const;

/** Converts pictures to RGB or from it, with the matrix and range each frame says. Dispose it. */
export class ColourConverter implements Disposable {
  readonly #path: string;
  readonly #direction: keyof typeof SCALER_FLAGS;
  readonly #scaler: SoftwareScaleContext;
  readonly #toDeep: SoftwareScaleContext;
  readonly #fromDeep: SoftwareScaleContext;
  #deep: AvFrame | undefined;
  #rounded: AvFrame | undefined;

  constructor(path: string, direction: keyof typeof SCALER_FLAGS) {
    this.#path = path;
    this.#direction = direction;
    [this.#scaler, this.#toDeep, this.#fromDeep] = [this.#newScaler(), this.#newScaler(), this.#newScaler()];
  }

  /** Fills `to`, whose buffer, size, format, matrix and range are set, with the picture of `from`, off this thread. */
  async convert(from: AvFrame, to: AvFrame): Promise<void> {
    await this.#scale(this.#scaler, from, to);
    if (this.#direction === "fromRgb" && to.colorRange === AVCOL_RANGE_JPEG) {
      await this.#roundChroma(from, to);
    }
  }

  [Symbol.dispose](): void {
    for (const scaler of [this.#scaler, this.#toDeep, this.#fromDeep]) scaler.freeContext();
    this.#deep?.free();
    this.#rounded?.free();
  }

  #newScaler(): SoftwareScaleContext {
    const scaler = new SoftwareScaleContext();
    scaler.allocContext();
    for (
      const [name, value] of [["sws_flags", SCALER_FLAGS[this.#direction]], ["sws_dither", "none"]] as const
    ) {
      ffmpegResult(scaler.setOption(name, value), this.#path, "set up the colour conversion");
    }
    return scaler;
  }

  async #scale(scaler: SoftwareScaleContext, from: AvFrame, to: AvFrame): Promise<void> {
    // Where chroma sits between luma samples must not matter, or the two directions would no longer undo each other.
    from.chromaLocation = AVCHROMA_LOC_CENTER;
    to.chromaLocation = AVCHROMA_LOC_CENTER;
    // Given different ones, the scaler maps tones and gamuts, slowly, and not so that it could be undone.
    from.colorTrc = to.colorTrc = AVCOL_TRC_UNSPECIFIED;
    from.colorPrimaries = to.colorPrimaries = AVCOL_PRI_UNSPECIFIED;
    ffmpegResult(await scaler.scaleFrame(to, from), this.#path, "convert the colours of a frame");
  }

  /** swscale rounds full-range chroma of 8 bits down, a bias of half a level; through 10 bits it does not. */
  async #roundChroma(from: AvFrame, to: AvFrame): Promise<void> {
    const format = avGetPixFmtFromName(`${avGetPixFmtName(pixelFormat(to))}10le`);
    if (format === AV_PIX_FMT_NONE) return;
    this.#deep ??= this.#frameLike(to, format);
    this.#rounded ??= this.#frameLike(to, pixelFormat(to));
    await this.#scale(this.#toDeep, from, this.#deep);
    await this.#scale(this.#fromDeep, this.#deep, this.#rounded);
    const [target, source] = [to.data, this.#rounded.data];
    for (const plane of [1, 2]) {
      const copied = source?.[plane];
      if (copied) target?.[plane]?.set(copied);
    }
  }

  #frameLike(like: AvFrame, format: AVPixelFormat): AvFrame {
    const frame = new AvFrame();
    frame.alloc();
    frame.format = format;
    frame.width = like.width;
    frame.height = like.height;
    frame.colorSpace = like.colorSpace;
    frame.colorRange = like.colorRange;
    ffmpegResult(frame.getBuffer(0), this.#path, "get memory for a frame");
    return frame;
  }
}

/** The binding types one field for audio and video; the frames here are pictures. */
function pixelFormat(frame: AvFrame): AVPixelFormat {
  return frame.format as AVPixelFormat;
}
