import { type FilterContext, FilterGraph, Frame as AvFrame } from "node-av/lib";
import { AV_BUFFERSRC_FLAG_KEEP_REF, AVERROR_EOF, type AVPixelFormat } from "node-av/constants";
import { AVERROR_EAGAIN, ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";

/**
 * Each frame gets the 256 colours that suit it best, so that only one frame is in memory. The dither is one that does not move: with
 * others, parts that stand still would flicker.
 */
const FILTERS =
  "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=bayer:bayer_scale=3";

/** Gives frames of RGB and opacity palettes of their own, by FFmpeg's palettegen and paletteuse. Dispose it. */
export class PaletteFilter implements Disposable {
  readonly #path: string;
  readonly #graph = new FilterGraph();
  readonly #source: FilterContext | undefined;
  readonly #sink: FilterContext | undefined;
  readonly #taken = new AvFrame();
  /** Times of the frames inside: the filter counts in other units. */
  readonly #waiting: Pick<AvFrame, "pts" | "duration">[] = [];

  constructor(path: string, { width, height, format }: Pick<AvFrame, "width" | "height" | "format">) {
    this.#path = path;
    this.#graph.alloc();
    this.#taken.alloc();
    const input = `video_size=${width}x${height}:pix_fmt=${format as AVPixelFormat}:time_base=1/1000`;
    const filters = `buffer@in=${input},${FILTERS},buffersink@out`;
    try {
      ffmpegResult(this.#graph.parse2(filters), path, "set up the palettes");
      ffmpegResult(this.#graph.configSync(), path, "set up the palettes");
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    const find = (name: string) => this.#graph.filters?.find(({ filter }) => filter?.name === name);
    [this.#source, this.#sink] = [find("buffer"), find("buffersink")];
  }

  /** Takes a frame, which stays the caller's, or the end; gives those that are ready, each valid until the next one. */
  async *convert(frame: AvFrame | null): AsyncGenerator<AvFrame> {
    if (frame !== null) this.#waiting.push({ pts: frame.pts, duration: frame.duration });
    const given = await this.#source?.buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_KEEP_REF);
    ffmpegResult(given ?? 0, this.#path, "choose the colours of a frame");
    for (;;) {
      this.#taken.unref();
      const taken = await this.#sink?.buffersinkGetFrame(this.#taken) ?? AVERROR_EOF;
      if (taken === AVERROR_EAGAIN || taken === AVERROR_EOF) return;
      ffmpegResult(taken, this.#path, "choose the colours of a frame");
      const times = this.#waiting.shift();
      if (times) Object.assign(this.#taken, times);
      yield this.#taken;
    }
  }

  [Symbol.dispose](): void {
    this.#graph.free();
    this.#taken.free();
  }
}
