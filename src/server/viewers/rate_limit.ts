/** Options of {@linkcode RateLimit}. */
export interface RateLimitOptions {
  /** Events a second on average. */
  readonly perSecond: number;
  /** Most events at once. */
  readonly burst: number;
  /** A monotonic clock, in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

/** A token bucket: it holds `burst` tokens and refills at `perSecond`. */
export class RateLimit {
  readonly #options: Required<RateLimitOptions>;
  #left: number;
  #at: number;

  constructor(options: RateLimitOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#left = options.burst;
    this.#at = this.#options.now();
  }

  /** Takes a token; `false` if there is none. */
  take(): boolean {
    const { now, perSecond, burst } = this.#options;
    const at = now();
    this.#left = Math.min(burst, this.#left + (at - this.#at) / 1000 * perSecond);
    this.#at = at;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
