import { type JudgedFrame, judgeFrames, judgeOptionsFor, untilDamage } from "../../../mod.ts";
import { type Frame, type FrameSource, freePicture, type MediaInfo } from "../../frame.ts";
import type { TimeRange } from "../jobs/job.ts";
import type { FrameTimes } from "./frame_times.ts";

/** A decoded frame, its place in the source, and what a job would know of it. */
export interface TimedFrame {
  readonly frame: Frame;
  /** Where it moves, and what is beside it; for a video only. Of no use after {@linkcode release}. */
  readonly judged?: Pick<JudgedFrame, "strength" | "neighbours">;
  /** Number in the source, from 0. */
  readonly index: number;
  /** Whether that number was computed from time and frame rate, and may be wrong. */
  readonly isEstimated: boolean;
  /** From the start of the source. */
  readonly seconds: number;
  /** In milliseconds of `performance.now()`, or another clock that was given. */
  readonly decodedAt: number;
  /** Keeps what it shares with others until {@linkcode release} was called once more. */
  retain(): void;
  /** To be called once it is not shown any more. */
  release(): void;
}

/** Options of {@linkcode TimedFrames}. */
export interface TimedFramesOptions {
  /** Opens the source from `start` seconds on. Called again for each seek; what it returns is disposed here. */
  readonly open: (range: { readonly start: number; readonly duration?: number }) => Promise<FrameSource>;
  /** When each frame is shown, once that is known. */
  readonly times?: () => FrameTimes | undefined;
  /** Find out of each frame of a video what a job would. @default {true} */
  readonly isJudged?: boolean;
  /** Milliseconds, never going back. @default {performance.now} */
  readonly now?: () => number;
}

/**
 * Frames that are decoded before the one that is looked for, which a job would have seen: as few as usually tell of it what it
 * does, and more where frames are repeated. After the last it is taken as it is.
 */
const LEADS = [2, 8, 32, 128];
/** The same for a frame that is fused with the one before, which needs as many of its own. */
const FUSED_LEADS = LEADS.slice(1);

/** Reads the frames of a source, from any place on, as a job reads them. Dispose it. */
export class TimedFrames implements AsyncDisposable {
  readonly #options: Required<TimedFramesOptions>;
  /** The part that a job would read; frames inside are judged as if there was nothing else. */
  range: TimeRange | null = null;
  #source: FrameSource | undefined;
  /** Of the whole source; a source opened at a later start describes only the rest. */
  #info: MediaInfo | undefined;
  #reader: ReadableStreamDefaultReader<Frame | JudgedFrame> | undefined;
  /** Already read, after the one that was looked for. */
  #ahead: TimedFrame | undefined;
  #damage: string | undefined;
  #firstLive: number | undefined;
  #isDisposed = false;

  constructor(options: TimedFramesOptions) {
    this.#options = { times: () => undefined, isJudged: true, now: () => performance.now(), ...options };
  }

  /** What was found damaged or missing at the end of the source. */
  get damage(): string | undefined {
    return this.#damage;
  }

  /** What is known of the source; opens it if it is not open. */
  async info(): Promise<MediaInfo> {
    return this.#info ??= (await this.#reopen(0)).info;
  }

  /** The next frame; `undefined` at the end. */
  async read(): Promise<TimedFrame | undefined> {
    if (this.#source === undefined) await this.#reopen(0);
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined) return { ...ahead, decodedAt: this.#options.now() };
    const result = await this.#reader?.read();
    return result === undefined || result.done ? undefined : this.#timed(result.value).timed;
  }

  /** The frame that is shown at that time, or the last one. */
  async seek(seconds: number): Promise<TimedFrame | undefined> {
    const info = await this.info();
    const { frameRate = 25 } = info;
    const last = this.#options.times()?.last ?? info.seconds ?? Infinity;
    const target = Math.min(seconds, last);
    // Timestamps are rounded, in some files to milliseconds: allow a tenth of a frame.
    const latest = target + 0.1 / frameRate;
    for (const { part, isBeginning, isLastTry } of this.#places(target, frameRate, LEADS)) {
      await this.#reopen(part.start, part.duration);
      const found = await this.#readUpTo(latest, isBeginning);
      if (found !== undefined && (isLastTry || !found.dependsOnEarlier)) return found.timed;
      if (found) dropUnseen(found.timed);
    }
    return undefined;
  }

  /**
   * Opens the source once more, for reading a frame and those around it, at ever earlier places, until `read` returns something.
   *
   * @param read Given a source, which is disposed when it is done, and whether there is no earlier place of use.
   */
  async readAgain<T>(
    { seconds }: Pick<TimedFrame, "seconds">,
    read: (source: FrameSource, isLastTry: boolean) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const { frameRate = 25 } = await this.info();
    for (const { part, isLastTry } of this.#places(seconds, frameRate, FUSED_LEADS)) {
      await using source = await this.#options.open(part);
      const result = await read(source, isLastTry);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  /** Where to begin to read for the frame at `target`: so many frames before it, and at the beginning if it is not found so. */
  *#places(target: number, frameRate: number, leads: readonly number[]): Iterable<Place> {
    const isInRange = this.range !== null && target >= this.range.start - 1e-6 && target < this.range.end;
    const bounds = isInRange && this.range !== null ? this.range : { start: 0, end: Infinity };
    const partFrom = (start: number) => ({
      start,
      ...(bounds.end !== Infinity && { duration: bounds.end - start }),
    });
    for (const [i, lead] of leads.entries()) {
      const start = Math.max(bounds.start, this.#timeBefore(target, lead, frameRate));
      const isBeginning = start === bounds.start;
      yield { part: partFrom(start), isBeginning, isLastTry: isBeginning || i === leads.length - 1 };
      if (isBeginning) return;
    }
    yield { part: partFrom(bounds.start), isBeginning: true, isLastTry: true };
  }

  /** Seconds, a little before the frame that is `lead` frames before the one at `target`. */
  #timeBefore(target: number, lead: number, frameRate: number): number {
    const estimated = target - (lead + 1.5) / frameRate;
    return this.#options.times()?.before(target, lead) ?? estimated;
  }

  /** The last frame that begins by `latest`; from the beginning, the first one if there is none. */
  async #readUpTo(latest: number, isBeginning: boolean): Promise<Read | undefined> {
    let found: Read | undefined;
    for (;;) {
      const result = await this.#reader?.read();
      if (result === undefined || result.done) return found;
      const read = this.#timed(result.value);
      if (read.timed.seconds > latest) {
        if (found === undefined && isBeginning) return read;
        this.#ahead = read.timed;
        return found;
      }
      if (found) dropUnseen(found.timed);
      found = read;
    }
  }

  #timed(read: Frame | JudgedFrame): Read {
    const { now, times } = this.#options;
    const { timeBase: { num, den }, frameRate = 0, beginning = 0, kind }: Clockwork = this.#source?.info ??
      UNKNOWN;
    const judged = "frame" in read ? read : undefined;
    const frame = "frame" in read ? read.frame : read;
    const since = Number(frame.pts) * num / den;
    // The clock of a live stream began at any time; its frames are numbered from the first one that is seen.
    this.#firstLive ??= since;
    const seconds = Math.max(0, since - (kind === "live" ? this.#firstLive : beginning));
    const index = times()?.indexOf(seconds);
    let users = 1;
    const timed: TimedFrame = {
      frame,
      ...(judged && { judged: { strength: judged.strength, neighbours: judged.neighbours } }),
      index: index ?? Math.round(seconds * frameRate),
      isEstimated: index === undefined && (kind === "video" || kind === "live"),
      seconds,
      decodedAt: now(),
      retain: () => void users++,
      release: () => --users === 0 ? judged?.release() : undefined,
    };
    return { timed, dependsOnEarlier: judged?.dependsOnEarlier ?? false };
  }

  async #reopen(start: number, duration?: number): Promise<FrameSource> {
    await this.#close();
    const source = await this.#options.open({ start, ...(duration !== undefined && { duration }) });
    if (this.#isDisposed) {
      await source[Symbol.asyncDispose]();
      throw new DOMException("The source was closed", "AbortError");
    }
    this.#source = source;
    if (start === 0 && duration === undefined) this.#info ??= source.info;
    // A damaged video is shown as far as it goes.
    const frames = untilDamage(source.frames, ({ damage }) => this.#damage = damage);
    const isJudged = this.#options.isJudged && source.info.kind === "video";
    // All that a job can want to know; which of it is used is decided when a frame is restored.
    const stage = () => judgeFrames({ ...judgeOptionsFor(source.info), neighbours: true });
    this.#reader = isJudged ? frames.pipeThrough(stage()).getReader() : frames.getReader();
    return source;
  }

  async #close(): Promise<void> {
    const source = this.#source;
    this.#reader?.cancel().catch(() => undefined); // it is given up, whatever it was at
    this.#ahead?.release();
    this.#source = undefined;
    this.#reader = undefined;
    this.#ahead = undefined;
    await source?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#close();
  }
}

/** Where a source is opened. */
interface Place {
  readonly part: { readonly start: number; readonly duration?: number };
  readonly isBeginning: boolean;
  /** Whether a frame that is found from there is taken as it is. */
  readonly isLastTry: boolean;
}

interface Read {
  readonly timed: TimedFrame;
  readonly dependsOnEarlier: boolean;
}

type Clockwork = Pick<MediaInfo, "timeBase" | "frameRate" | "beginning" | "kind">;

const UNKNOWN: Clockwork = { timeBase: { num: 0, den: 1 }, kind: "video" };

/** Frees a frame that was not shown. */
export function dropUnseen(timed: TimedFrame): void {
  timed.release();
  freePicture(timed.frame);
}
