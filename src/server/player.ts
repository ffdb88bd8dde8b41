import type { Frame, FrameSource, MediaInfo } from "../frame.ts";
import { untilDamage } from "../../mod.ts";

/** A decoded frame and where it stands. The player owns `frame`: copy what outlives the next call. */
export interface Moment {
  readonly frame: Frame;
  /** Number in the source, from 0; after a seek, told from the time and the frame rate. */
  readonly index: number;
  /** From the start of the source. */
  readonly seconds: number;
  /** By the player's clock. */
  readonly decodedAt: number;
}

/** Time, as an argument. */
export interface Clock {
  /** Milliseconds, never going back. */
  now(): number;
  /** Waits; resolves early when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Options of {@linkcode Player}. */
export interface PlayerOptions {
  /** Opens the source from `start` seconds on. Called again for each seek; what it returns is disposed by the player. */
  readonly open: (start: number) => Promise<FrameSource>;
  /** Frames come by their own time instead of the player's clock, and cannot be asked for again. @default {false} */
  readonly isLive?: boolean;
  /** Called after `state` changed by itself. */
  readonly onState?: () => void;
  /** @default {the machine's} */
  readonly clock?: Clock;
}

type Command = { readonly kind: "seek"; readonly seconds: number } | {
  readonly kind: "step";
  readonly by: -1 | 1;
};

/** Skipping this long without showing anything looks like a freeze: show a frame and let the clock wait instead. */
const LONGEST_SKIP_MS = 700;

/**
 * Plays a source by the clock for one viewer: `next` gives the frame that is due, and counts those that were due
 * while nobody asked. Nothing is decoded while nobody asks.
 */
export class Player implements AsyncDisposable {
  readonly #options: Required<PlayerOptions>;
  readonly #ended = new AbortController();
  #source: FrameSource | undefined;
  /** Of the whole source: one opened further on tells what is left of it. */
  #info: MediaInfo | undefined;
  #reader: ReadableStreamDefaultReader<Frame> | undefined;
  #state: "playing" | "paused" | "ended" = "paused";
  #command: Command | undefined;
  #current: Moment | undefined;
  /** Decoded to know where the current one ends. */
  #ahead: Moment | undefined;
  #mustRepeat = false;
  #origin: number | undefined;
  /** `clock.now()` at which second 0 was or would have been shown. */
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

  /** What the source told when it was opened; opens it if need be. */
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

  /** Shows the frame at that time, exactly; a seek not yet done is forgotten. */
  seek(seconds: number): void {
    this.#command = { kind: "seek", seconds };
    if (this.#state === "ended") this.#state = "paused";
    this.#stir();
  }

  /** Pauses, and shows the frame before or after. */
  step(by: -1 | 1): void {
    this.#command = { kind: "step", by };
    this.#become("paused");
  }

  /** Gives the current frame again, because it is to be looked at differently. */
  repeat(): void {
    this.#mustRepeat = true;
    this.#stir();
  }

  /** The last frame given. */
  get current(): Moment | undefined {
    return this.#current;
  }

  /**
   * Waits for the next frame to show: the one due when playing, the one asked for when paused.
   *
   * @throws {MediaError} if the source cannot be read.
   * @throws {DOMException} `AbortError` once disposed.
   */
  async next(): Promise<Moment> {
    for (;;) {
      this.#ended.signal.throwIfAborted();
      const moment = await this.#take().catch((error) => {
        this.#ended.signal.throwIfAborted(); // Closing the source under a read is how disposing stops it.
        throw error;
      });
      this.#ended.signal.throwIfAborted();
      if (moment !== undefined) return this.#current = moment;
    }
  }

  async #take(): Promise<Moment | undefined> {
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

  /** The newest frame whose time has come; `undefined` when something else was asked for meanwhile. */
  async #due(): Promise<Moment | undefined> {
    const { clock, isLive } = this.#options;
    const since = clock.now();
    let passed: Moment | undefined;
    for (;;) {
      const moment = await this.#read();
      // However late, the last frame of all is shown before the end is told.
      if (moment === undefined) return passed ?? this.#end();
      if (isLive) {
        this.#skipped += Math.max(0, moment.index - (this.#current?.index ?? moment.index) - 1);
        return moment;
      }
      this.#current = moment;
      this.#zero ??= clock.now() - moment.seconds * 1000;
      const late = clock.now() - this.#zero - moment.seconds * 1000;
      if (late < 0) await clock.sleep(-late, this.#wakeSignal());
      if (late < this.#durationMs(moment)) return moment;
      if (clock.now() - since > LONGEST_SKIP_MS) {
        this.#zero = clock.now() - moment.seconds * 1000;
        return moment;
      }
      if (this.#command !== undefined || this.#state !== "playing") return undefined;
      this.#skipped++;
      passed = moment;
    }
  }

  /** The frame shown at that time, or the last one there is, looking for it from `back` seconds before. */
  async #seekTo(wanted: number, back?: number): Promise<Moment | undefined> {
    this.#zero = undefined;
    const { frameRate = 25, seconds: length = Infinity } = await this.info();
    const seconds = Math.min(wanted, length);
    const start = Math.max(0, seconds - (back ?? 1.5 / frameRate));
    await this.#reopen(start);
    // Times in files are rounded, in some to milliseconds: a tenth of a frame is no difference.
    const latest = seconds + 0.1 / frameRate;
    let shown: Moment | undefined;
    for (;;) {
      const moment = await this.#read();
      if (moment === undefined) break;
      if (moment.seconds > latest) {
        // How long a frame is shown is known from the next one only; what a file says of it is often wrong.
        if (shown === undefined && start === 0) shown = moment;
        else this.#ahead = moment;
        break;
      }
      shown = moment;
    }
    return shown ?? (start > 0 ? await this.#seekTo(seconds, 1 + 4 * (seconds - start)) : undefined);
  }

  async #stepBy(by: -1 | 1): Promise<Moment | undefined> {
    if (by === 1 || this.#current === undefined) return await this.#read() ?? this.#end();
    const { seconds } = this.#current;
    const { frameRate = 25 } = await this.info();
    return seconds <= 0 ? this.#current : await this.#seekTo(Math.max(0, seconds - 0.2 / frameRate));
  }

  async #read(): Promise<Moment | undefined> {
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
    // The first frame of all tells where time starts, so a source is first opened at its beginning.
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

  #durationMs({ frame }: Moment): number {
    const { timeBase, frameRate } = this.#source?.info ?? { timeBase: { num: 0, den: 1 } };
    return Number(frame.duration) * timeBase.num / timeBase.den * 1000 || 1000 / (frameRate ?? 25);
  }

  #end(): undefined {
    this.#become("ended");
    this.#options.onState();
  }

  #become(state: "playing" | "paused" | "ended"): void {
    this.#state = state;
    this.#stir();
  }

  #stir(): void {
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
    this.#stir();
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
