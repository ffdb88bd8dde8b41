import { MediaError } from "../errors.ts";
import type { MediaInfo } from "../frame.ts";

/** Time of one frame, in units of the stream. */
export interface ShownFrame {
  readonly pts: bigint;
  readonly duration: bigint;
}

/** What an ffmpeg program with the `showinfo` filter tells on its stderr about a video and each frame of it. */
export class ShownInfo {
  readonly #streams: string[] = [];
  readonly #frames: ShownFrame[] = [];
  #timeBase: { readonly num: number; readonly den: number } | undefined;
  #size: { readonly width: number; readonly height: number } | undefined;
  #frameRate: number | undefined;
  #seconds: number | undefined;
  #rotation = 0;
  #inputIsOver = false;
  #end: { readonly error?: unknown } | undefined;
  /** Resolved, and replaced, whenever something new was told. */
  #change = Promise.withResolvers<void>();

  /** Takes one line of stderr. */
  read(line: string): void {
    if (line.startsWith("Output #")) this.#inputIsOver = true;
    const stream = this.#inputIsOver ? undefined : /^ *Stream #\S+ (\w+): (\w+)/.exec(line);
    if (stream) this.#streams.push(`${stream[1]?.toLowerCase()} ${stream[2]}`);
    const [, hours, minutes, seconds] = /^ *Duration: (\d+):(\d+):([\d.]+)/.exec(line) ?? [];
    if (seconds !== undefined) this.#seconds = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    const turned = /displaymatrix: rotation of (-?[\d.]+) degrees/.exec(line)?.[1];
    if (turned !== undefined) this.#rotation = (Math.round(-Number(turned) / 90) * 90 % 360 + 360) % 360;
    if (line.includes("Parsed_showinfo")) this.#readFrame(line);
  }

  #readFrame(line: string): void {
    const base = /config in time_base: (\d+)\/(\d+), frame_rate: (\d+)\/(\d+)/.exec(line);
    if (base) {
      this.#timeBase = { num: Number(base[1]), den: Number(base[2]) };
      const rate = Number(base[3]) / Number(base[4]);
      if (rate > 0 && rate < Infinity) this.#frameRate = rate;
    }
    const frame = /\bn: *\d+ pts: *(-?\d+)/.exec(line);
    if (!frame) return;
    const size = /\bs:(\d+)x(\d+)/.exec(line);
    this.#size ??= size ? { width: Number(size[1]), height: Number(size[2]) } : undefined;
    const duration = /\bduration: *(\d+)/.exec(line)?.[1] ?? "0";
    this.#frames.push({ pts: BigInt(frame[1] ?? 0), duration: BigInt(duration) });
    this.#changed();
  }

  /** No more lines will come; why, if ffmpeg failed. */
  end(error?: unknown): void {
    this.#end = { error };
    this.#changed();
  }

  /** What is known once the first frame has been told of. @throws what ffmpeg failed with before that. */
  async info(path: string): Promise<MediaInfo> {
    while (!this.#size && !this.#end) await this.#change.promise;
    if (!this.#size || !this.#timeBase) {
      throw this.#end?.error ?? new MediaError(path, "ffmpeg told of no frame; wanted a video");
    }
    return {
      path,
      kind: "video",
      ...this.#size,
      timeBase: this.#timeBase,
      rotation: this.#rotation,
      streams: this.#streams,
      ...(this.#frameRate !== undefined && { frameRate: this.#frameRate }),
      ...(this.#seconds !== undefined && { seconds: this.#seconds }),
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
