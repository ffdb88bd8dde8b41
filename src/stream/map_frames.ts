/** Options of {@linkcode mapFrames}. */
export interface MapFramesOptions {
  /** Calls in flight at once. @default {1} */
  readonly concurrency?: number;
  /** Aborting it fails the stage with the signal's reason, at once, without waiting for calls in flight. */
  readonly signal?: AbortSignal;
}

/**
 * A stage for `pipeThrough` that turns each chunk into `fn(chunk)`, keeping the order while `concurrency` calls run
 * at once. The first call that fails ends the stage: the source is cancelled, the sink aborted, with that error.
 *
 * At most `concurrency` chunks are inside the stage; it asks for a chunk only when one of them has been taken by
 * what comes after. Marks: writable side 0, readable side 0.
 */
export function mapFrames<In, Out>(
  fn: (chunk: In, signal: AbortSignal) => Promise<Out> | Out,
  options: MapFramesOptions = {},
): ReadableWritablePair<Out, In> {
  const { concurrency = 1, signal } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency is ${concurrency}, wanted a whole number from 1`);
  }
  const failure = new AbortController();
  const ending = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const results = new TransformStream<In, Promise<Out>>(
    {
      transform(chunk, controller) {
        const result = untilAborted(Promise.resolve(chunk).then((value) => fn(value, ending)), ending);
        result.catch((error) => {
          failure.abort(error);
          controller.error(error);
        });
        controller.enqueue(result);
      },
      cancel: (reason) => failure.abort(reason),
    },
    { highWaterMark: 0 },
    { highWaterMark: concurrency - 1 },
  );
  const settled = new TransformStream<Promise<Out>, Out>(
    { transform: async (result, controller) => controller.enqueue(await result) },
    { highWaterMark: 0 },
    { highWaterMark: 0 },
  );
  return { writable: results.writable, readable: results.readable.pipeThrough(settled) };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
