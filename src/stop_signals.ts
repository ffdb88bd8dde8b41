import process from "node:process";

/** Wishes this close together, in milliseconds, are one: npx repeats a Ctrl-C that the terminal has sent to every process. */
const ONE_WISH_MS = 500;

/** What the user's wishes to stop, each a Ctrl-C or a signal, come to. */
export class StopWishes {
  readonly #ending = new AbortController();
  #caught: (() => void) | undefined;
  #last = -Infinity;

  /** Aborted by the first wish that nobody has caught. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Takes the signals that mean stop, to the end of the process: Ctrl-C, another program's wish, a terminal that is closed. */
  listen(): void {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => this.wish());
  }

  /** The next wish calls `handle` and leaves `signal` alone. */
  catchStop(handle: () => void): void {
    this.#caught = handle;
  }

  /** The user wishes to stop. @param now Milliseconds. */
  wish(now: number = performance.now()): void {
    if (now - this.#last < ONE_WISH_MS) return;
    this.#last = now;
    const handle = this.#caught;
    this.#caught = undefined;
    if (handle) handle();
    else this.#ending.abort(new DOMException("Stopped by the user", "AbortError"));
  }
}
