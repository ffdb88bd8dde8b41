import { type FilterContext, FilterGraph, Frame as AvFrame } from "node-av/lib";
import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_FRAME_FLAG_INTERLACED,
  AVERROR_EOF,
  type AVPixelFormat,
} from "node-av/constants";
import { AVERROR_EAGAIN, ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import type { Deinterlacing } from "../source_options.ts";

/** What a frame that waits in the filter is given back when it comes out. */
type FrameMarks = Pick<AvFrame, "pts" | "bestEffortTimestamp" | "duration">;

/**
 * Makes whole pictures of frames whose lines were taken at two moments, by FFmpeg's bwdif: as many as came, at their times. Frames
 * that are not interlaced pass as they are. Dispose it.
 */
export class Deinterlacer implements Disposable {
  readonly #path: string;
  readonly #mode: Deinterlacing;
  #graph: FilterGraph | undefined;
  #source: FilterContext | undefined;
  #sink: FilterContext | undefined;
  /** Of the frames inside the filter, which looks one ahead. */
  readonly #waiting: FrameMarks[] = [];
  /** Of every frame inside the filter. */
  #shape: Pick<AvFrame, "width" | "height" | "format"> | undefined;
  #isAtEnd = false;
  /** Frames that were given to the filter. */
  #filtered = 0;

  constructor(path: string, mode: Deinterlacing) {
    [this.#path, this.#mode] = [path, mode];
  }

  /** What was done, for the report; `undefined` if nothing was. */
  get note(): string | undefined {
    return this.#filtered > 0
      ? "Interlaced: the two fields of each frame were made into whole pictures (bwdif)"
      : undefined;
  }

  /**
   * Fills `frame` with the next one.
   *
   * @param decode fills it with the next decoded frame; `false` after the last
   * @returns `false` after the last.
   */
  async next(frame: AvFrame, decode: (frame: AvFrame) => Promise<boolean>): Promise<boolean> {
    for (;;) {
      if (this.#sink !== undefined && await this.#take(frame)) return true;
      if (this.#isAtEnd) return false;
      if (!await decode(frame)) {
        this.#isAtEnd = true;
        if (this.#source === undefined) return false;
        ffmpegResult(await this.#source.buffersrcAddFrame(null), this.#path, "finish the deinterlacing");
        continue;
      }
      if (this.#source === undefined) {
        if (!this.#isWanted(frame)) return true;
        this.#open(frame);
      }
      // Who takes a frame that is not like the ones before says so.
      if (!this.#isAlike(frame)) return true;
      await this.#give(frame);
    }
  }

  /** Forgets what is inside: the next frame comes from elsewhere. */
  reset(): void {
    this.#close();
    this.#isAtEnd = false;
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #isAlike({ width, height, format }: AvFrame): boolean {
    const shape = this.#shape;
    return shape?.width === width && shape.height === height && shape.format === format;
  }

  #isWanted(frame: AvFrame): boolean {
    return this.#mode === "always" || this.#mode === "auto" && frame.hasFlags(AV_FRAME_FLAG_INTERLACED);
  }

  async #give(frame: AvFrame): Promise<void> {
    const { pts, bestEffortTimestamp, duration } = frame;
    this.#waiting.push({ pts, bestEffortTimestamp, duration });
    if (this.#isWanted(frame)) this.#filtered++;
    const given = await this.#source?.buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_KEEP_REF);
    ffmpegResult(given ?? 0, this.#path, "deinterlace a frame");
  }

  async #take(frame: AvFrame): Promise<boolean> {
    frame.unref();
    const taken = await this.#sink?.buffersinkGetFrame(frame) ?? AVERROR_EOF;
    if (taken === AVERROR_EAGAIN || taken === AVERROR_EOF) return false;
    ffmpegResult(taken, this.#path, "deinterlace a frame");
    // The filter counts times in other units.
    const marks = this.#waiting.shift();
    if (marks) Object.assign(frame, marks);
    frame.clearFlags(AV_FRAME_FLAG_INTERLACED);
    return true;
  }

  #open({ width, height, format, colorSpace, colorRange }: AvFrame): void {
    const graph = new FilterGraph();
    graph.alloc();
    this.#graph = graph;
    this.#shape = { width, height, format };
    const input = [
      `video_size=${width}x${height}`,
      `pix_fmt=${format as AVPixelFormat}`,
      "time_base=1/1000",
      `colorspace=${colorSpace}`,
      `range=${colorRange}`,
    ].join(":");
    const what = this.#mode === "always" ? "all" : "interlaced";
    const filters = `buffer@in=${input},bwdif=mode=send_frame:parity=auto:deint=${what},buffersink@out`;
    ffmpegResult(graph.parse2(filters), this.#path, "set up the deinterlacing");
    ffmpegResult(graph.configSync(), this.#path, "set up the deinterlacing");
    const find = (name: string) => graph.filters?.find(({ filter }) => filter?.name === name);
    [this.#source, this.#sink] = [find("buffer"), find("buffersink")];
  }

  #close(): void {
    this.#graph?.free();
    this.#graph = this.#source = this.#sink = undefined;
    this.#waiting.length = 0;
  }
}
