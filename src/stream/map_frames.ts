/** Options of {@linkcode mapFrames}. */
export interface MapFramesOptions {
  /** Calls in flight at once. @default {1} */
  readonly concurrency?: number;
  /** Aborting it fails the stage with the signal's reason, at once, without waiting for calls in flight. */
  readonly signal?: AbortSignal;
}

/** Chunks that wait for a call to become free. */
const WRITABLE_MARK = 1;

/** Results are handed out only when asked for; those that are ready earlier wait in the list of calls. */
const READABLE_MARK = 0;

/**
 * A stage for `pipeThrough` that turns each chunk into `fn(chunk)`, keeping the order while `concurrency` calls run
 * at once. A call's place is free again when its result has been taken by what comes after, so at most
 * `concurrency` results exist, plus one chunk that waits (writable mark 1, readable mark 0).
 *
 * The first call that fails ends the stage at once: the source is cancelled and the sink aborted with that error, and
 * the signal that `fn` gets is aborted with it.
 *
 * @throws {RangeError} if `concurrency` is no whole number from 1.
 */
export function mapFrames<In, Out>(
  fn: (chunk: In, signal: AbortSignal) => Promise<Out> | Out,
  options: MapFramesOptions = {},
): ReadableWritablePair<Out, In> {
  const { concurrency = 1, signal } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency must be a whole number from 1, not ${concurrency}`);
  }
  return new MapStage(fn, concurrency, signal);
}

interface Call<Out> {
  result?: { readonly value: Out };
}

class MapStage<In, Out> implements ReadableWritablePair<Out, In> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;
  readonly #fn: (chunk: In, signal: AbortSignal) => Promise<Out> | Out;
  readonly #concurrency: number;
  readonly #signal: AbortSignal | undefined;
  readonly #ending = new AbortController();
  /** In the order of their chunks; the first stays until its result has been handed out. */
  readonly #calls: Call<Out>[] = [];
  #written = false;
  /** Resolved, and replaced, whenever a call is added, done or handed out, or the stage ends. */
  #change = Promise.withResolvers<void>();
  #failReadable: ((reason: unknown) => void) | undefined;
  #failWritable: ((reason: unknown) => void) | undefined;

  constructor(
    fn: (chunk: In, signal: AbortSignal) => Promise<Out> | Out,
    concurrency: number,
    signal: AbortSignal | undefined,
  ) {
    [this.#fn, this.#concurrency, this.#signal] = [fn, concurrency, signal];
    this.writable = new WritableStream<In>({
      start: (controller) => {
        this.#failWritable = (reason) => controller.error(reason);
      },
      write: (chunk) => this.#take(chunk),
      close: () => {
        this.#written = true;
        this.#changed();
      },
      abort: (reason) => this.#end(reason),
    }, { highWaterMark: WRITABLE_MARK });
    this.readable = new ReadableStream<Out>({
      start: (controller) => {
        this.#failReadable = (reason) => controller.error(reason);
      },
      pull: (controller) => this.#give(controller),
      cancel: (reason) => this.#end(reason),
    }, { highWaterMark: READABLE_MARK });
    if (signal?.aborted) this.#abort();
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  readonly #abort = () => this.#end(this.#signal?.reason);

  async #take(chunk: In): Promise<void> {
    while (this.#calls.length >= this.#concurrency && !this.#ending.signal.aborted) {
      await this.#change.promise;
    }
    this.#ending.signal.throwIfAborted();
    const call: Call<Out> = {};
    this.#calls.push(call);
    this.#changed();
    this.#run(chunk, call).catch((error) => this.#end(error));
  }

  async #run(chunk: In, call: Call<Out>): Promise<void> {
    call.result = { value: await this.#fn(chunk, this.#ending.signal) };
    this.#changed();
  }

  async #give(controller: ReadableStreamDefaultController<Out>): Promise<void> {
    // Once the stage has ended, both sides have been given the reason.
    while (!this.#ending.signal.aborted) {
      const [first] = this.#calls;
      if (first === undefined && this.#written) {
        this.#signal?.removeEventListener("abort", this.#abort);
        return controller.close();
      }
      if (first?.result) {
        this.#calls.shift();
        this.#changed();
        return controller.enqueue(first.result.value);
      }
      await this.#change.promise;
    }
  }

  #end(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#ending.abort(reason);
    this.#failWritable?.(reason);
    this.#failReadable?.(reason);
    this.#changed();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
