import { untilDamage } from "../../../mod.ts";
import type { Frame, FrameSource, MediaInfo } from "../../frame.ts";

/** A decoded frame and its place in the source. The player owns `frame`: copy what must outlive the next call. */
export interface TimedFrame {
  readonly frame: Frame;
  /** Number in the source, from 0; after a seek, computed from time and frame rate. */
  readonly index: number;
  /** From the start of the source. */
  readonly seconds: number;
  /** In milliseconds of the player's clock. */
  readonly decodedAt: number;
}

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds, never going back. */
  now(): number;
  /** Waits; resolves early when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Options of {@linkcode Player}. */
export interface PlayerOptions {
  /** Opens the source from `start` seconds on. Called again for each seek; the player disposes what it returns. */
  readonly open: (start: number) => Promise<FrameSource>;
  /** Frames are shown as they arrive, without the player's clock, and cannot be asked for again. @default {false} */
  readonly isLive?: boolean;
  /** Called after `state` changed without a call of a method. */
  readonly onState?: () => void;
  /** @default {the machine's} */
  readonly clock?: Clock;
}

type Command = { readonly kind: "seek"; readonly seconds: number } | {
  readonly kind: "step";
  readonly by: -1 | 1;
};

/** Skipping for longer than this without a frame looks like a freeze: show a frame and restart the clock there. */
const LONGEST_SKIP_MS = 700;

/**
 * Plays a source in real time for one viewer: `next` gives the frame that is due, and counts those that came due
 * between calls. It decodes only inside `next`.
 */
export class Player implements AsyncDisposable {
  readonly #options: Required<PlayerOptions>;
  readonly #ended = new AbortController();
  #source: FrameSource | undefined;
  /** Of the whole source; a source opened at a later start describes only the rest. */
  #info: MediaInfo | undefined;
  #reader: ReadableStreamDefaultReader<Frame> | undefined;
  #state: "playing" | "paused" | "ended" = "paused";
  #command: Command | undefined;
  #current: TimedFrame | undefined;
  /** Already decoded, to learn when the current one ends. */
  #ahead: TimedFrame | undefined;
  #mustRepeat = false;
  #origin: number | undefined;
  /** `clock.now()` at which second 0 was shown, or would have been. */
  #zero: number | undefined;
  #skipped = 0;
  #wake = new AbortController();

  constructor(options: PlayerOptions) {
    this.#options = { isLive: false, onState: () => undefined, clock: machineClock, ...options };
  }

  get state(): "playing" | "paused" | "ended" {
    return this.#state;
  }

  /** Frames that were due and not shown. */
  get skipped(): number {
    return this.#skipped;
  }

  /** What is known of the source; opens it if it is not open. */
  async info(): Promise<MediaInfo> {
    return this.#info ??= (await this.#reopen(0)).info;
  }

  play(): void {
    if (this.#state === "ended" && !this.#options.isLive) this.#command = { kind: "seek", seconds: 0 };
    this.#zero = undefined;
    this.#become("playing");
  }

  pause(): void {
    this.#become("paused");
  }

  /** Shows the frame at that time, exactly; replaces a seek not yet done. */
  seek(seconds: number): void {
    this.#command = { kind: "seek", seconds };
    if (this.#state === "ended") this.#state = "paused";
    this.#notify();
  }

  /** Pauses, and shows the frame before or after. */
  step(by: -1 | 1): void {
    this.#command = { kind: "step", by };
    this.#become("paused");
  }

  /** Makes `next` give the current frame again, to be restored with other settings. */
  repeat(): void {
    this.#mustRepeat = true;
    this.#notify();
  }

  /** The last frame given. */
  get current(): TimedFrame | undefined {
    return this.#current;
  }

  /**
   * Waits for the next frame to show: the one due when playing, the one asked for when paused.
   *
   * @throws {MediaError} if the source cannot be read.
   * @throws {DOMException} `AbortError` once disposed.
   */
  async next(): Promise<TimedFrame> {
    for (;;) {
      this.#ended.signal.throwIfAborted();
      const timed = await this.#take().catch((error) => {
        this.#ended.signal.throwIfAborted(); // disposing closes the source to end a read that waits
        throw error;
      });
      this.#ended.signal.throwIfAborted();
      if (timed !== undefined) return this.#current = timed;
    }
  }

  async #take(): Promise<TimedFrame | undefined> {
    const command = this.#command;
    this.#command = undefined;
    if (command?.kind === "seek") return await this.#seekTo(command.seconds);
    if (command?.kind === "step") return await this.#stepBy(command.by);
    if (this.#current === undefined && this.#state !== "ended") return await this.#read() ?? this.#end();
    if (this.#mustRepeat && this.#current !== undefined && this.#state !== "playing") {
      this.#mustRepeat = false;
      return this.#current;
    }
    if (this.#state === "playing") return await this.#due();
    await this.#options.clock.sleep(60_000, this.#wakeSignal());
    return undefined;
  }

  /** The newest frame that is due; `undefined` when another command came meanwhile. */
  async #due(): Promise<TimedFrame | undefined> {
    const { clock, isLive } = this.#options;
    const since = clock.now();
    let late: TimedFrame | undefined;
    for (;;) {
      const timed = await this.#read();
      // The last frame of all is shown, however late, before the state becomes "ended".
      if (timed === undefined) return late ?? this.#end();
      if (isLive) {
        this.#skipped += Math.max(0, timed.index - (this.#current?.index ?? timed.index) - 1);
        return timed;
      }
      this.#current = timed;
      this.#zero ??= clock.now() - timed.seconds * 1000;
      const delay = clock.now() - this.#zero - timed.seconds * 1000;
      if (delay < 0) await clock.sleep(-delay, this.#wakeSignal());
      if (delay < this.#durationMs(timed)) return timed;
      if (clock.now() - since > LONGEST_SKIP_MS) {
        this.#zero = clock.now() - timed.seconds * 1000;
        return timed;
      }
      if (this.#command !== undefined || this.#state !== "playing") return undefined;
      this.#skipped++;
      late = timed;
    }
  }

  /** The frame at that time, or the last one, decoding from `back` seconds before it. */
  async #seekTo(target: number, back?: number): Promise<TimedFrame | undefined> {
    this.#zero = undefined;
    const { frameRate = 25, seconds: length = Infinity } = await this.info();
    const seconds = Math.min(target, length);
    const start = Math.max(0, seconds - (back ?? 1.5 / frameRate));
    await this.#reopen(start);
    // Timestamps are rounded, in some files to milliseconds: allow a tenth of a frame.
    const latest = seconds + 0.1 / frameRate;
    let found: TimedFrame | undefined;
    for (;;) {
      const timed = await this.#read();
      if (timed === undefined) break;
      if (timed.seconds > latest) {
        // A frame lasts until the next one begins; the durations that files state are often wrong.
        if (found === undefined && start === 0) found = timed;
        else this.#ahead = timed;
        break;
      }
      found = timed;
    }
    return found ?? (start > 0 ? await this.#seekTo(seconds, 1 + 4 * (seconds - start)) : undefined);
  }

  async #stepBy(by: -1 | 1): Promise<TimedFrame | undefined> {
    if (by === 1 || this.#current === undefined) return await this.#read() ?? this.#end();
    const { seconds } = this.#current;
    const { frameRate = 25 } = await this.info();
    return seconds <= 0 ? this.#current : await this.#seekTo(Math.max(0, seconds - 0.2 / frameRate));
  }

  async #read(): Promise<TimedFrame | undefined> {
    if (this.#source === undefined) await this.#reopen(0);
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined) return { ...ahead, decodedAt: this.#options.clock.now() };
    const result = await this.#reader?.read();
    if (result === undefined || result.done) return undefined;
    const frame = result.value;
    const { timeBase, frameRate } = this.#source?.info ?? { timeBase: { num: 1, den: 1 } };
    const time = Number(frame.pts) * timeBase.num / timeBase.den;
    this.#origin ??= time;
    const seconds = Math.max(0, time - this.#origin);
    const index = Math.round(seconds * (frameRate ?? 0));
    return { frame, index, seconds, decodedAt: this.#options.clock.now() };
  }

  async #reopen(start: number): Promise<FrameSource> {
    // Times count from the first frame, so a source is first opened at its beginning.
    if (this.#origin === undefined && start > 0) {
      await this.#reopen(0);
      await this.#read();
    }
    await this.#closeSource();
    const source = await this.#options.open(start);
    if (this.#ended.signal.aborted) {
      await source[Symbol.asyncDispose]();
      this.#ended.signal.throwIfAborted();
    }
    this.#source = source;
    if (start === 0) this.#info ??= source.info;
    this.#reader = untilDamage(source.frames).getReader(); // a damaged video is played as far as it goes
    return source;
  }

  #durationMs({ frame }: TimedFrame): number {
    const { timeBase, frameRate } = this.#source?.info ?? { timeBase: { num: 0, den: 1 } };
    return Number(frame.duration) * timeBase.num / timeBase.den * 1000 || 1000 / (frameRate ?? 25);
  }

  #end(): undefined {
    this.#become("ended");
    this.#options.onState();
  }

  #become(state: "playing" | "paused" | "ended"): void {
    this.#state = state;
    this.#notify();
  }

  #notify(): void {
    this.#wake.abort();
  }

  #wakeSignal(): AbortSignal {
    this.#wake = new AbortController();
    if (this.#ended.signal.aborted) this.#wake.abort();
    return this.#wake.signal;
  }

  async #closeSource(): Promise<void> {
    const source = this.#source;
    this.#reader?.releaseLock();
    this.#source = undefined;
    this.#reader = undefined;
    this.#ahead = undefined;
    await source?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new DOMException("The player was closed", "AbortError"));
    this.#notify();
    await this.#closeSource();
  }
}

const machineClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) return Promise.resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => clearTimeout(timer));
  },
};
