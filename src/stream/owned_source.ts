import { DamagedMediaError, MediaError } from "../errors.ts";
import { type Frame, type FrameSource, freePicture, type MediaInfo } from "../frame.ts";

/**
 * What one kind of source does: it reads frames. {@linkcode OwnedSource} makes a stream of them and ends it. Disposing it
 * frees everything; that happens once, and never while `next` runs.
 */
export interface FrameReader extends AsyncDisposable {
  /** The next frame; `undefined` after the last. Called again only once it has settled with a frame. */
  next(): Promise<Frame | undefined>;
  /** What was found truncated or damaged so far, in one line; final once `next` gave `undefined`. */
  readonly damage?: string | undefined;
  /** What was done to frames beyond decoding them, one line each; final once `next` gave `undefined`. */
  readonly notes?: readonly string[];
  /** Makes a running `next` settle soon, whatever it waits for; what it settles with is dropped. */
  interrupt?(): void;
}

/** Options of {@linkcode OwnedSource}. */
export interface OwnedSourceOptions {
  /** Ends `frames` with the signal's reason, at once. */
  readonly signal?: AbortSignal | undefined;
  /** Frames read ahead: 0 or 1. An error at the end would drop more of them. @default {1} */
  readonly highWaterMark?: 0 | 1;
}

/**
 * A source of frames over a {@linkcode FrameReader}. However it ends, by its last frame, a failure, damage, an abort, a
 * cancelled reader or being disposed, `frames` says so at once, and the reader is interrupted and freed exactly once.
 */
export class OwnedSource implements FrameSource {
  readonly info: MediaInfo;
  readonly frames: ReadableStream<Frame>;
  readonly #reader: FrameReader;
  readonly #signal: AbortSignal | undefined;
  #controller: ReadableStreamDefaultController<Frame> | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #released: Promise<void> | undefined;

  constructor(
    info: MediaInfo,
    reader: FrameReader,
    { signal, highWaterMark = 1 }: OwnedSourceOptions = {},
  ) {
    [this.info, this.#reader, this.#signal] = [info, reader, signal];
    this.frames = new ReadableStream<Frame>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#release(),
    }, { highWaterMark });
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get notes(): readonly string[] {
    return this.#reader.notes ?? [];
  }

  get damage(): string | undefined {
    return this.#reader.damage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#released === undefined) {
      this.#controller?.error(new MediaError(this.info.path, "The source was disposed"));
    }
    await this.#release();
  }

  readonly #abort = () => {
    this.#controller?.error(this.#signal?.reason);
    this.#release().catch(() => {}); // disposing the source reports it
  };

  async #pull(controller: ReadableStreamDefaultController<Frame>): Promise<void> {
    const next = this.#reader.next();
    this.#running = next;
    try {
      const frame = await next;
      if (this.#released) return frame && freePicture(frame);
      if (frame) return controller.enqueue(frame);
      const { damage } = this.#reader;
      if (damage === undefined) controller.close();
      else controller.error(new DamagedMediaError(this.info.path, damage));
    } catch (error) {
      if (this.#released) return; // an interrupted reader may fail; why the stream ended has been said
      controller.error(error);
    }
    await this.#release();
  }

  #release(): Promise<void> {
    return this.#released ??= (async () => {
      this.#signal?.removeEventListener("abort", this.#abort);
      this.#reader.interrupt?.();
      await this.#running.catch(() => {}); // its failure is the stream's
      await this.#reader[Symbol.asyncDispose]();
    })();
  }
}
