import type { Frame, FrameSource } from "../../frame.ts";

type Request = PromiseWithResolvers<Frame | undefined>;

/**
 * One live stream for several users, open from its construction until the last user leaves or the stream ends. Each frame
 * goes to the users who wait for one, and is dropped if there are none.
 */
export class SharedStream {
  readonly #opening: Promise<FrameSource>;
  readonly #requests = new Set<Request>();
  #reader: ReadableStreamDefaultReader<Frame> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #users = 0;
  #hasEnded = false;

  /** @param open Opens the stream, which this object disposes. */
  constructor(open: () => Promise<FrameSource>) {
    this.#opening = open().then((source) => {
      this.#reader = source.frames.getReader();
      this.#reading = this.#read(this.#reader);
      return source;
    });
    this.#opening.catch(() => this.#hasEnded = true); // `join` passes the error on
  }

  /** Whether it can no longer be joined. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Adds a user, who counts from the call on: the stream stays open for one who waits for it to open.
   *
   * @returns The stream for this user alone; disposing it leaves.
   * @throws what opening the stream failed with.
   */
  async join(): Promise<FrameSource> {
    this.#users++;
    const { info } = await this.#opening;
    const requests = new Set<Request>();
    const frames = new ReadableStream<Frame>({
      pull: async (controller) => {
        if (this.#hasEnded) return controller.close();
        const request = Promise.withResolvers<Frame | undefined>();
        requests.add(request);
        this.#requests.add(request);
        const frame = await request.promise;
        requests.delete(request);
        if (frame === undefined) controller.close();
        else controller.enqueue({ ...frame, data: frame.data.slice() });
      },
    }, { highWaterMark: 0 });
    let isOpen = true;
    return {
      info,
      frames,
      [Symbol.asyncDispose]: async () => {
        if (!isOpen) return;
        isOpen = false;
        for (const request of requests) {
          this.#requests.delete(request);
          request.resolve(undefined);
        }
        if (--this.#users === 0) await this.end();
      },
    };
  }

  /** Closes the stream; the frames of all users end. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    const source = await this.#opening.catch(() => undefined);
    this.#reader?.releaseLock();
    await source?.[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #read(reader: ReadableStreamDefaultReader<Frame>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        this.#answer((request) => request.resolve(value));
      }
    } catch (error) {
      // `end` releases the reader, which fails its read.
      if (!this.#hasEnded) this.#answer((request) => request.reject(error));
    }
    this.#hasEnded = true;
    this.#answer((request) => request.resolve(undefined));
  }

  #answer(settle: (request: Request) => void): void {
    const requests = [...this.#requests];
    this.#requests.clear();
    requests.forEach(settle);
  }
}
