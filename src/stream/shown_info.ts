import { MediaError } from "../errors.ts";

/** Time of one frame, in units of the stream. */
export interface ShownFrame {
  readonly pts: bigint;
  readonly duration: bigint;
}

/** What is known of a video once an ffmpeg program has shown its first frame. */
export interface ShownVideo {
  /** Pixels, turned upright. */
  readonly width: number;
  /** Pixels, turned upright. */
  readonly height: number;
  readonly timeBase: { readonly num: number; readonly den: number };
  /** Frames a second, on average. */
  readonly frameRate: number;
  /** Seconds, of the longest stream; absent where ffmpeg does not know. */
  readonly seconds?: number;
  /** Seconds at which the file begins. */
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

/** What an ffmpeg program with the `showinfo` filter tells on its stderr about a video and each frame of it. */
export class ShownInfo {
  readonly #streams: string[] = [];
  readonly #frames: ShownFrame[] = [];
  readonly #first = new Map<string, string>();
  #timeBase: { readonly num: number; readonly den: number } | undefined;
  #guessedRate = 0;
  #averageRate = 0;
  #seconds: number | undefined;
  #beginning = 0;
  #inputIsOver = false;
  #end: { readonly error?: unknown } | undefined;
  /** Resolved, and replaced, whenever something new was told. */
  #change = Promise.withResolvers<void>();

  /** Takes one line of stderr. */
  read(line: string): void {
    if (line.startsWith("Output #")) this.#inputIsOver = true;
    if (!this.#inputIsOver) this.#readInput(line);
    if (line.includes("Parsed_showinfo")) this.#readFrame(line);
  }

  /** "video h264", "audio aac": the streams told of so far. */
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
      if (rate > 0 && rate < Infinity) this.#guessedRate = rate;
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

  /** No more lines will come; why, if ffmpeg failed. */
  end(error?: unknown): void {
    this.#end = { error };
    this.#changed();
  }

  /** What was told with the first frame. @throws {MediaError} if there was none. */
  video(path: string): ShownVideo {
    const [width, height] = (this.#first.get("s") ?? "").split("x").map(Number);
    if (!width || !height || !this.#timeBase) {
      throw new MediaError(path, "ffmpeg told of no frame; wanted a video");
    }
    // The average is rounded to hundredths; the guess is exact, and wrong where the rate varies.
    const isSteady = Math.abs(this.#guessedRate - this.#averageRate) < 0.01;
    return {
      width,
      height,
      timeBase: this.#timeBase,
      frameRate: (isSteady ? this.#guessedRate : this.#averageRate) || this.#guessedRate || 25,
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
  async next(): Promise<ShownFrame | undefined> {
    while (this.#frames.length === 0 && !this.#end) await this.#change.promise;
    return this.#frames.shift();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
