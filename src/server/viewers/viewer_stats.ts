/** Frames over which the rate and the latency are averaged. */
const WINDOW = 24;
const WINDOW_MS = 5000;

/** Frame rate and latency of one viewer, from frames sent and the page's reports of frames painted. */
export class ViewerStats {
  readonly #now: () => number;
  #sentAt: number[] = [];
  #decodedAt = new Map<number, number>();
  #latencies: number[] = [];

  /** @param now Milliseconds of the clock of `PreviewFrame.decodedAt`. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Forgets everything, for another source. */
  reset(): void {
    this.#sentAt = [];
    this.#latencies = [];
    this.#decodedAt.clear();
  }

  /** Counts a frame sent. @param decodedAt When it was decoded. */
  sent(sequence: number, decodedAt: number): void {
    this.#sentAt.push(this.#now());
    this.#decodedAt.set(sequence, decodedAt);
    // Bounded for a page that never reports a frame as painted.
    if (this.#decodedAt.size > WINDOW) {
      this.#decodedAt.delete(this.#decodedAt.keys().next().value ?? sequence);
    }
    if (this.#sentAt.length > WINDOW) this.#sentAt.shift();
  }

  /** Counts a frame that the page has painted. */
  painted(sequence: number): void {
    const decodedAt = this.#decodedAt.get(sequence);
    if (decodedAt === undefined) return;
    this.#decodedAt.delete(sequence);
    this.#latencies.push(this.#now() - decodedAt);
    if (this.#latencies.length > WINDOW) this.#latencies.shift();
  }

  /** Frame rate over the last seconds, and median latency. */
  summary(): { framesPerSecond: number; latencyMs: number | null } {
    const since = this.#now() - WINDOW_MS;
    const recent = this.#sentAt.filter((at) => at >= since);
    const first = recent[0];
    const span = first === undefined ? 0 : (this.#now() - first) / 1000;
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return {
      framesPerSecond: span > 0 ? Math.max(0, recent.length - 1) / span : 0,
      latencyMs: sorted[sorted.length >> 1] ?? null,
    };
  }
}
