/** Bins on each side of 0. */
const BINS = 4096;

/** How often numbers of each size occur: bins of equal width around 0, which grows as larger numbers come. */
export class Histogram {
  readonly #counts = new Float64Array(2 * BINS);
  #width = 2 ** -30;
  #least = 0;
  #most = 0;

  /** Smallest and largest number so far, or 0. */
  get range(): readonly [least: number, most: number] {
    return [this.#least, this.#most];
  }

  /** Counts numbers. */
  add(numbers: Float32Array): void {
    for (const number of numbers) {
      if (number < this.#least) this.#least = number;
      else if (number > this.#most) this.#most = number;
    }
    while (Math.max(-this.#least, this.#most) >= this.#width * BINS) this.#widen();
    for (const number of numbers) {
      const bin = BINS + Math.floor(number / this.#width);
      this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    }
  }

  /** The middle of every bin that is not empty, and how many numbers are in it. */
  *bins(): Iterable<readonly [number: number, count: number]> {
    for (const [bin, count] of this.#counts.entries()) {
      if (count > 0) yield [(bin - BINS + 0.5) * this.#width, count];
    }
  }

  #widen(): void {
    this.#width *= 2;
    const before = this.#counts.slice();
    this.#counts.fill(0);
    before.forEach((count, bin) => {
      const half = BINS + Math.floor((bin - BINS) / 2);
      this.#counts[half] = (this.#counts[half] ?? 0) + count;
    });
  }
}
