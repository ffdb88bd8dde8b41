import process from "node:process";

/** Milliseconds within which requests count as one: npx repeats a Ctrl-C that the terminal has sent to every process. */
const SAME_REQUEST_MS = 500;

/** Turns Ctrl-C and the other signals that ask a process to stop into an abort signal. */
export class StopSignals {
  readonly #controller = new AbortController();
  #handle: (() => void) | undefined;
  #last = -Infinity;

  /** Aborted by the first request that no handle has caught. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Handles, until the process ends, Ctrl-C, the stop signal of other programs, and a terminal that is closed. */
  listen(): void {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => this.request());
  }

  /** Makes the next request call `handle` instead of aborting `signal`. */
  catchNext(handle: () => void): void {
    this.#handle = handle;
  }

  /** Asks the process to stop. @param now Milliseconds. */
  request(now: number = performance.now()): void {
    if (now - this.#last < SAME_REQUEST_MS) return;
    this.#last = now;
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle) handle();
    else this.#controller.abort(new DOMException("Stopped by the user", "AbortError"));
  }
}
