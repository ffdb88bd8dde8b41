import { messageOf } from "../errors.ts";
import type { MediaInfo, Picture } from "../frame.ts";
import type { Restored } from "../model/engine/engine.ts";
import type { Feed, FeedContext, FeedSource } from "./feed.ts";
import type { Settings, SourceDescription, SourceEntry } from "./protocol.ts";
import { clipRegion, rotatedSize, unrotateRegion } from "./region.ts";
import type { Shot } from "./shot.ts";

/** Share of the wall clock that copying and encoding for viewers may take from a job. */
const BUDGET = 0.01;

/** A frame of the job, copied for whoever is looking. */
interface Glimpse {
  readonly input: Picture;
  readonly image: Picture;
  readonly index: number;
  readonly at: number;
}

/**
 * Feeds from a running job. `offer` is called for each restored frame; it copies the pictures only if a viewer has
 * asked for a frame and the last looks were paid off, so that a job loses at most a hundredth of its time.
 */
export class JobFeeds implements FeedSource {
  readonly mode = "job";
  readonly #entry: SourceEntry;
  readonly #waiting = new Set<(glimpse: Glimpse) => void>();
  readonly #feeds = new Map<Feed, FeedContext>();
  readonly #info = Promise.withResolvers<MediaInfo>();
  #last: Glimpse | undefined;
  #offered = 0;
  /** When the time taken so far is paid off, in milliseconds. */
  #paidOffAt = 0;
  hasEnded = false;
  secondsLeft: number | null = null;

  constructor(name: string) {
    this.#entry = { id: "job", name };
    this.#info.promise.catch(() => undefined); // Those who wait for it are told; there may be none.
  }

  /** Frames restored so far. */
  get offered(): number {
    return this.#offered;
  }

  /** What is known of the job's source, once it was opened. */
  describe(info: MediaInfo): void {
    this.#info.resolve(info);
  }

  /** Takes a look at a restored frame, if somebody wants one. Returns at once; the pictures stay the caller's. */
  offer({ input, image }: Restored): void {
    const index = this.#offered++;
    if (this.#waiting.size === 0 || performance.now() < this.#paidOffAt) return;
    const at = performance.now();
    const glimpse = { input: copyOf(input), image: copyOf(image), index, at };
    this.spend(performance.now() - at);
    this.#last = glimpse;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const take of waiting) take(glimpse);
  }

  /** The job is done, or has failed: viewers keep the last picture. */
  end(): void {
    this.hasEnded = true;
    this.secondsLeft = null;
    this.#info.reject(new RangeError("The job ended before it began"));
    for (const { onState } of this.#feeds.values()) onState();
  }

  /** Charges time to the viewers' budget. */
  spend(milliseconds: number): void {
    this.#paidOffAt = Math.max(performance.now(), this.#paidOffAt) + milliseconds / BUDGET;
  }

  list(): Promise<readonly SourceEntry[]> {
    return Promise.resolve([this.#entry]);
  }

  /** Waits for the job to begin. */
  async open(id: string, context: FeedContext): Promise<Feed> {
    if (id !== this.#entry.id) throw new RangeError(`No source "${id}" here; there is "job"`);
    const feed = new JobFeed(this, this.#entry, await this.#info.promise, () => this.#feeds.delete(feed));
    this.#feeds.set(feed, context);
    return feed;
  }

  /** The next look; the last one at once if `isRepeat`. */
  next(isRepeat: boolean, signal: AbortSignal): Promise<Glimpse> {
    if (isRepeat && this.#last !== undefined) return Promise.resolve(this.#last);
    const { promise, resolve, reject } = Promise.withResolvers<Glimpse>();
    this.#waiting.add(resolve);
    signal.addEventListener("abort", () => {
      this.#waiting.delete(resolve);
      reject(signal.reason);
    }, { once: true });
    return promise;
  }

  /** The last look anybody took. */
  get last(): Glimpse | undefined {
    return this.#last;
  }

  explain(error: unknown): string {
    return messageOf(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** One viewer of a job: may look away and at a part, not seek. */
class JobFeed implements Feed {
  readonly description: SourceDescription;
  readonly skipped = 0;
  readonly #job: JobFeeds;
  readonly #info: MediaInfo;
  readonly #onDispose: () => void;
  #isPaused = false;
  #isRepeat = true;
  /** Aborted to look at things anew: something was asked for, or the feed is disposed. */
  #wake = new AbortController();
  #isDisposed = false;

  constructor(job: JobFeeds, entry: SourceEntry, info: MediaInfo, onDispose: () => void) {
    this.#job = job;
    this.#info = info;
    this.#onDispose = onDispose;
    this.description = {
      ...entry,
      ...rotatedSize(info, info.rotation),
      kind: "job",
      frameRate: info.frameRate ?? null,
      frames: info.frames ?? null,
      seconds: info.seconds ?? null,
      canSeek: false,
      canTune: false,
    };
  }

  get state(): "playing" | "paused" | "ended" {
    return this.#job.hasEnded ? "ended" : this.#isPaused ? "paused" : "playing";
  }

  get secondsLeft(): number | null {
    return this.#job.secondsLeft;
  }

  play(): void {
    this.#isPaused = false;
    this.#stir();
  }

  pause(): void {
    this.#isPaused = true;
    this.#stir();
  }

  seek(): void {}

  step(): void {}

  repeat(): void {
    this.#isRepeat = true;
    this.#stir();
  }

  async next(settings: () => Settings): Promise<Shot> {
    for (;;) {
      if (this.#isDisposed) throw new DOMException("The feed was closed", "AbortError");
      this.#wake = new AbortController();
      const isRepeat = this.#isRepeat && this.#job.last !== undefined;
      this.#isRepeat = false;
      try {
        if (this.#isPaused && !isRepeat) await asleep(this.#wake.signal);
        const glimpse = await this.#job.next(isRepeat, this.#wake.signal);
        return this.#shot(glimpse, settings());
      } catch (error) {
        if (!this.#wake.signal.aborted) throw error;
      }
    }
  }

  still(settings: Settings): Promise<Shot | undefined> {
    const { last } = this.#job;
    return Promise.resolve(last && this.#shot(last, { ...settings, region: null }));
  }

  #shot({ input, image, index, at }: Glimpse, settings: Settings): Shot {
    const { rotation, frameRate } = this.#info;
    const shown = rotatedSize(image, rotation);
    const region = clipRegion(settings.region, shown);
    return {
      pictures: [{ kind: "blurry", picture: input }, { kind: "result", picture: image }],
      inner: unrotateRegion(region, image, rotation),
      region,
      rotation,
      ...shown,
      index,
      seconds: frameRate === undefined ? 0 : index / frameRate,
      detail: settings.detail,
      decodedAt: at,
      onEncoded: (milliseconds) => this.#job.spend(milliseconds),
    };
  }

  #stir(): void {
    this.#wake.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#onDispose();
    this.#stir();
    return Promise.resolve();
  }
}

/** Never resolves; rejects when `signal` aborts. */
function asleep(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}

function copyOf({ data, width, height }: Picture): Picture {
  return { data: data.slice(), width, height };
}
