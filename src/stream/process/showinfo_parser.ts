import { MediaError } from "../../errors.ts";
import type { FrameTime } from "../source_options.ts";

/** What an ffmpeg program says of a video up to its first frame. */
export interface ProbedVideo {
  /** Pixels, after display rotation. */
  readonly width: number;
  /** Pixels, after display rotation. */
  readonly height: number;
  readonly timeBase: { readonly num: number; readonly den: number };
  /** Frames a second, on average. */
  readonly frameRate: number;
  /** Length in seconds, of the longest stream; absent where ffmpeg does not know it. */
  readonly seconds?: number;
  /** Start time of the file in seconds. */
  readonly beginning: number;
  /** By ffmpeg's name: "h264". */
  readonly codec: string;
  /** "video h264", "audio aac": one line a stream. */
  readonly streams: readonly string[];
  /** By ffmpeg's names, "unknown" where the file does not say. */
  readonly pixelFormat: string;
  readonly matrix: string;
  readonly transfer: string;
  /** Width of a pixel to its height: "1/1". */
  readonly sampleAspect: string;
}

/** Parses what an ffmpeg program with the `showinfo` filter writes to stderr: the streams of its input, and every frame. */
export class ShowinfoParser {
  readonly #streams: string[] = [];
  readonly #frames: FrameTime[] = [];
  readonly #first = new Map<string, string>();
  #timeBase: { readonly num: number; readonly den: number } | undefined;
  #exactRate = 0;
  #averageRate = 0;
  #seconds: number | undefined;
  #beginning = 0;
  #isInputDescribed = false;
  #isOver = false;
  /** Resolved, and replaced, whenever a frame or the end was read. */
  #change = Promise.withResolvers<void>();

  /** Takes one line of stderr. */
  read(line: string): void {
    if (line.startsWith("Output #")) this.#isInputDescribed = true;
    if (!this.#isInputDescribed) this.#readInput(line);
    if (line.includes("Parsed_showinfo")) this.#readFrame(line);
  }

  /** "video h264", "audio aac": the streams read so far. */
  get streams(): readonly string[] {
    return this.#streams;
  }

  #readInput(line: string): void {
    const stream = /^ *Stream #\S+ (\w+): (\w+)/.exec(line);
    if (stream) this.#streams.push(`${stream[1]?.toLowerCase()} ${stream[2]}`);
    if (stream?.[1] === "Video" && this.#averageRate === 0) {
      this.#averageRate = Number(/, ([\d.]+) fps/.exec(line)?.[1] ?? 0);
    }
    const [, hours, minutes, seconds] = /^ *Duration: (\d+):(\d+):([\d.]+)/.exec(line) ?? [];
    if (seconds !== undefined) this.#seconds = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    const beginning = /^ *Duration: .*, start: (-?[\d.]+)/.exec(line)?.[1];
    if (beginning !== undefined) this.#beginning = Number(beginning);
  }

  #readFrame(line: string): void {
    const base = /config in time_base: (\d+)\/(\d+), frame_rate: (\d+)\/(\d+)/.exec(line);
    if (base) {
      this.#timeBase = { num: Number(base[1]), den: Number(base[2]) };
      const rate = Number(base[3]) / Number(base[4]);
      if (rate > 0 && rate < Infinity) this.#exactRate = rate;
    }
    for (const [, name = "", value = ""] of line.matchAll(/\b(fmt|sar|s|color_space|color_trc):(\S+)/g)) {
      if (!this.#first.has(name)) this.#first.set(name, value);
    }
    const frame = /\bn: *\d+ pts: *(-?\d+)/.exec(line);
    if (!frame) return;
    const duration = /\bduration: *(\d+)/.exec(line)?.[1] ?? "0";
    this.#frames.push({ pts: BigInt(frame[1] ?? 0), duration: BigInt(duration) });
    this.#changed();
  }

  /** Tells that no more lines will come. */
  end(): void {
    this.#isOver = true;
    this.#changed();
  }

  /** What was read up to the first frame. @throws {MediaError} if there was none. */
  video(path: string): ProbedVideo {
    const [width, height] = (this.#first.get("s") ?? "").split("x").map(Number);
    if (!width || !height || !this.#timeBase) {
      throw new MediaError(path, "ffmpeg found no frame in it. Use a video");
    }
    // The average is rounded to hundredths. The rate of the filter is exact, and wrong where the rate varies.
    const isSteady = Math.abs(this.#exactRate - this.#averageRate) < 0.01;
    return {
      width,
      height,
      timeBase: this.#timeBase,
      frameRate: (isSteady ? this.#exactRate : this.#averageRate) || this.#exactRate || 25,
      ...(this.#seconds !== undefined && { seconds: this.#seconds }),
      beginning: this.#beginning,
      codec: this.#streams.find((stream) => stream.startsWith("video "))?.slice(6) ?? "unknown",
      streams: this.#streams,
      pixelFormat: this.#first.get("fmt") ?? "unknown",
      matrix: this.#first.get("color_space") ?? "unknown",
      transfer: this.#first.get("color_trc") ?? "unknown",
      sampleAspect: this.#first.get("sar") ?? "1/1",
    };
  }

  /** The time of the next frame; `undefined` when there is none. */
  async next(): Promise<FrameTime | undefined> {
    while (this.#frames.length === 0 && !this.#isOver) await this.#change.promise;
    return this.#frames.shift();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
