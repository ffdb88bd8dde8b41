import type { MediaInfo } from "../../frame.ts";
import type { TimeRange } from "../jobs/job.ts";
import type { FrameTimes } from "./frame_times.ts";
import type { PlaybackState } from "./playback.ts";
import { dropUnseen, type TimedFrame, TimedFrames, type TimedFramesOptions } from "./timed_frames.ts";

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds, never going back. */
  now(): number;
  /** Waits; resolves early when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Options of {@linkcode Player}. */
export interface PlayerOptions extends Omit<TimedFramesOptions, "now"> {
  /** Frames are shown as they arrive, without the player's clock, and cannot be asked for again. @default {false} */
  readonly isLive?: boolean;
  /** Called after `state` changed without a call of a method. */
  readonly onState?: () => void;
  /** @default {the machine's} */
  readonly clock?: Clock;
}

/** Skipping for longer than this without a frame looks like a freeze: show a frame and restart the clock there. */
const LONGEST_SKIP_MS = 700;
/** Steps that can be asked for before one is carried out. */
const MOST_STEPS = 250;

/**
 * Plays a source in real time for one viewer: `next` gives the frame that is due, and counts those that came due between calls. It
 * decodes only inside `next`. The frame that was given last is the player's: it is released by the next call of `next`.
 */
export class Player implements AsyncDisposable {
  readonly #frames: TimedFrames;
  readonly #times: () => FrameTimes | undefined;
  readonly #isLive: boolean;
  readonly #onState: () => void;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #state: PlaybackState = "paused";
  /** What to show next, if requested: the frame at a time, or a number of frames from there. */
  #seek: number | undefined;
  #step = 0;
  #current: TimedFrame | undefined;
  #mustRepeat = false;
  /** `clock.now()` at which second 0 was shown, or would have been. */
  #zero: number | undefined;
  #skipped = 0;
  #wake = new AbortController();

  constructor(options: PlayerOptions) {
    const { isLive = false, onState = () => undefined, clock = machineClock, ...frames } = options;
    this.#frames = new TimedFrames({ ...frames, now: () => clock.now() });
    this.#times = options.times ?? (() => undefined);
    [this.#isLive, this.#onState, this.#clock] = [isLive, onState, clock];
  }

  get state(): PlaybackState {
    return this.#state;
  }

  /** What was found damaged or missing at the end of the source. */
  get damage(): string | undefined {
    return this.#frames.damage;
  }

  /** Frames that were due and not shown. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The last frame given. */
  get current(): TimedFrame | undefined {
    return this.#current;
  }

  /** What is known of the source; opens it if it is not open. */
  info(): Promise<MediaInfo> {
    return this.#frames.info();
  }

  play(): void {
    const isOver = this.#state === "ended" || this.#state === "rendered";
    if (isOver && !this.#isLive) this.#goTo(this.#frames.range?.start ?? 0);
    this.#zero = undefined;
    this.#become("playing");
  }

  pause(): void {
    this.#become("paused");
  }

  /** Shows the frame at that time, exactly; replaces a seek and steps not yet done. */
  seek(seconds: number): void {
    this.#goTo(seconds);
    if (this.#state !== "playing") this.#state = "paused";
    this.#notify();
  }

  /** Pauses, and shows the frame before or after; more such calls before that is done add up. */
  step(by: -1 | 1): void {
    this.#step = Math.min(MOST_STEPS, Math.max(-MOST_STEPS, this.#step + by));
    this.#become("paused");
  }

  /** Gives every frame from the start of the range to its end, and then stops; `false` pauses. */
  loop(isOn: boolean): void {
    if (isOn) this.#goTo(this.#frames.range?.start ?? this.#seek ?? this.#current?.seconds ?? 0);
    this.#become(isOn ? "rendering" : "paused");
  }

  /** Restricts what is read to a part of the source, as a job that restores this part would; `null` for all of it. */
  restrict(range: TimeRange | null): void {
    const { range: before } = this.#frames;
    if (before?.start === range?.start && before?.end === range?.end) return;
    this.#frames.range = range;
    if (this.#current !== undefined && this.#seek === undefined) this.#goTo(this.#current.seconds);
    if (this.#state === "ended") this.#state = "paused";
    this.#notify();
  }

  /** Reads a frame and those around it again: see {@linkcode TimedFrames.readAgain}. Not for live sources. */
  get readAgain(): TimedFrames["readAgain"] {
    return this.#frames.readAgain.bind(this.#frames);
  }

  /** Makes `next` give the current frame again, if there is one, to be restored with other settings. */
  repeat(): void {
    this.#mustRepeat = this.#current !== undefined;
    this.#notify();
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
      if (timed !== undefined) return this.#show(timed);
    }
  }

  #show(timed: TimedFrame): TimedFrame {
    if (this.#current !== timed) this.#current?.release();
    return this.#current = timed;
  }

  async #take(): Promise<TimedFrame | undefined> {
    const [seconds, by] = [this.#seek, this.#step];
    this.#seek = undefined;
    this.#step = 0;
    if (seconds !== undefined) this.#zero = undefined;
    const from = seconds === undefined ? this.#current : await this.#frames.seek(seconds);
    if (by !== 0) return await this.#stepBy(by, from);
    if (seconds !== undefined) return from;
    if (this.#current === undefined && this.#state !== "ended") {
      return await this.#frames.read() ?? this.#end();
    }
    if (this.#mustRepeat && this.#current !== undefined && !this.#isGoing) {
      this.#mustRepeat = false;
      return this.#current;
    }
    if (this.#state === "rendering") return await this.#frames.read() ?? this.#end();
    if (this.#state === "playing") return await this.#due();
    await this.#clock.sleep(60_000, this.#wakeSignal());
    return undefined;
  }

  /** The newest frame that is due; `undefined` when another command came meanwhile. */
  async #due(): Promise<TimedFrame | undefined> {
    const since = this.#clock.now();
    let late: TimedFrame | undefined;
    for (;;) {
      const timed = await this.#frames.read();
      // The last frame of all is shown, however late, before the state becomes "ended".
      if (timed === undefined) return late ?? this.#end();
      if (this.#isLive) {
        this.#skipped += Math.max(0, timed.index - (this.#current?.index ?? timed.index) - 1);
        return timed;
      }
      if (late !== undefined) dropUnseen(late);
      this.#zero ??= this.#clock.now() - timed.seconds * 1000;
      const delay = this.#clock.now() - this.#zero - timed.seconds * 1000;
      if (delay < 0) await this.#clock.sleep(-delay, this.#wakeSignal());
      if (this.#seek !== undefined) {
        dropUnseen(timed);
        return undefined;
      }
      if (delay < await this.#durationMs(timed)) return timed;
      if (this.#clock.now() - since > LONGEST_SKIP_MS) {
        this.#zero = this.#clock.now() - timed.seconds * 1000;
        return timed;
      }
      if (this.#step !== 0 || this.#state !== "playing") return timed;
      this.#skipped++;
      late = timed;
    }
  }

  /** Whether frames follow one another without being asked for. */
  get #isGoing(): boolean {
    return this.#state === "playing" || this.#state === "rendering";
  }

  /** Whether a seek or a step was asked for. */
  get #isAsked(): boolean {
    return this.#seek !== undefined || this.#step !== 0;
  }

  async #stepBy(by: number, from: TimedFrame | undefined): Promise<TimedFrame | undefined> {
    if (by > 0 || from === undefined) return await this.#stepForward(by, from);
    if (from.seconds <= 0) return from;
    const { frameRate = 25 } = await this.info();
    const times = this.#times();
    const index = times?.indexOf(from.seconds);
    const known = index === undefined ? undefined : times?.at(index + by);
    if (from !== this.#current) dropUnseen(from);
    return await this.#frames.seek(Math.max(0, known ?? from.seconds + (by + 0.8) / frameRate));
  }

  /** As many frames further as asked for, or the last one. */
  async #stepForward(by: number, from: TimedFrame | undefined): Promise<TimedFrame | undefined> {
    let last = from;
    for (let i = 0; i < by; i++) {
      const timed = await this.#frames.read();
      if (timed === undefined) {
        this.#end();
        break;
      }
      if (last !== undefined && last !== this.#current) dropUnseen(last);
      last = timed;
    }
    return last;
  }

  async #durationMs({ frame }: TimedFrame): Promise<number> {
    const { timeBase, frameRate } = await this.info();
    return Number(frame.duration) * timeBase.num / timeBase.den * 1000 || 1000 / (frameRate ?? 25);
  }

  #goTo(seconds: number): void {
    this.#seek = seconds;
    this.#step = 0;
  }

  /** The source has no more frames; what was asked for since the last of them was read comes first. */
  #end(): undefined {
    if (this.#isAsked) return;
    this.#become(this.#state === "rendering" ? "rendered" : "ended");
    this.#onState();
  }

  #become(state: PlaybackState): void {
    this.#state = state;
    this.#notify();
  }

  #notify(): void {
    this.#wake.abort();
  }

  #wakeSignal(): AbortSignal {
    this.#wake = new AbortController();
    if (this.#ended.signal.aborted || this.#isAsked) this.#wake.abort();
    return this.#wake.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new DOMException("The player was closed", "AbortError"));
    this.#notify();
    await this.#frames[Symbol.asyncDispose]();
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
