/** Options of {@linkcode RateLimit}. */
export interface RateLimitOptions {
  /** Events a second in the long run. */
  readonly perSecond: number;
  /** Events at once. */
  readonly burst: number;
  /** Milliseconds on a clock that never goes back. @default {performance.now} */
  readonly now?: () => number;
}

/** A bucket of permissions that refills at a steady rate. */
export class RateLimit {
  readonly #options: Required<RateLimitOptions>;
  #left: number;
  #at: number;

  constructor(options: RateLimitOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#left = options.burst;
    this.#at = this.#options.now();
  }

  /** Takes one permission; `false` if there is none. */
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
