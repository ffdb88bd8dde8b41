import process from "node:process";

/** Signals this close together, in milliseconds, count as one: npx repeats a Ctrl-C that the terminal has sent to every process. */
const ONE_SIGNAL_MS = 500;

/** Turns the signals that ask the process to stop (Ctrl-C, SIGTERM, a closed terminal) into an `AbortSignal`. */
export class StopSignals {
  readonly #ending = new AbortController();
  #handle: (() => void) | undefined;
  #last = -Infinity;

  /** Aborted by the first signal that no handle of {@linkcode catchStop} takes. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Listens to the signals until the process ends. */
  listen(): void {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => this.stop());
  }

  /** The next signal calls `handle` instead of aborting `signal`. */
  catchStop(handle: () => void): void {
    this.#handle = handle;
  }

  /** Takes one signal. @param now Milliseconds. */
  stop(now: number = performance.now()): void {
    if (now - this.#last < ONE_SIGNAL_MS) return;
    this.#last = now;
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle) handle();
    else this.#ending.abort(new DOMException("Stopped by the user", "AbortError"));
  }
}
