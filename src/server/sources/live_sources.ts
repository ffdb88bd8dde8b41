import { messageOf } from "../../errors.ts";
import type { Frame, FrameSource } from "../../frame.ts";
import type { Playback, PlaybackContext, PreviewSources } from "./playback.ts";
import { Player } from "./player.ts";
import type { SourceEntry } from "../protocol.ts";
import { RestoringPlayback } from "./restoring_playback.ts";

/**
 * Feeds from one camera or network stream, which is opened while anybody watches and shared by all who do. It is
 * read as fast as it comes: whoever is slow gets the newest frame and never an old one.
 */
export class LiveSources implements PreviewSources {
  readonly mode = "live";
  readonly #entry: SourceEntry;
  readonly #open: () => Promise<FrameSource>;
  #relay: Promise<Relay> | undefined;

  /**
   * @param name What viewers are shown; an address may hold a password, so not the address itself.
   * @param open Opens the stream; what it returns is disposed when the last viewer leaves.
   */
  constructor(name: string, open: () => Promise<FrameSource>) {
    this.#entry = { id: "live", name };
    this.#open = open;
  }

  list(): Promise<readonly SourceEntry[]> {
    return Promise.resolve([this.#entry]);
  }

  async open(id: string, context: PlaybackContext): Promise<Playback> {
    if (id !== this.#entry.id) throw new RangeError(`No source "${id}" here; there is "live"`);
    const player = new Player({ open: () => this.#subscribe(), isLive: true, onState: context.onState });
    const playback = await RestoringPlayback.open(this.#entry, player, context);
    playback.play();
    return playback;
  }

  explain(error: unknown): string {
    return messageOf(error).replaceAll(/\/\/[^/@\s]*@/g, "//");
  }

  async #subscribe(): Promise<FrameSource> {
    // One opening at a time; one that failed or has ended is not joined but begun again.
    const joined = await this.#relay?.catch(() => undefined);
    if (joined === undefined || joined.hasEnded) {
      this.#relay = this.#open().then((source) => new Relay(source));
    }
    const relay = await this.#relay;
    if (relay === undefined) throw new Error("The stream was closed while it was being opened");
    return relay.subscribe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const relay = await this.#relay?.catch(() => undefined);
    await relay?.end();
  }
}

/** Hands every frame of a source to whoever is waiting for one, and drops it if nobody is. */
class Relay {
  hasEnded = false;
  readonly #source: FrameSource;
  readonly #waiting = new Set<PromiseWithResolvers<Frame | undefined>>();
  readonly #reading: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Frame>;
  #subscribers = 0;

  constructor(source: FrameSource) {
    this.#source = source;
    this.#reader = source.frames.getReader();
    this.#reading = this.#read();
  }

  subscribe(): FrameSource {
    this.#subscribers++;
    let isOpen = true;
    const waits = new Set<PromiseWithResolvers<Frame | undefined>>();
    const frames = new ReadableStream<Frame>({
      pull: async (controller) => {
        if (this.hasEnded) return controller.close();
        const next = Promise.withResolvers<Frame | undefined>();
        waits.add(next);
        this.#waiting.add(next);
        const frame = await next.promise;
        waits.delete(next);
        if (frame === undefined) controller.close();
        else controller.enqueue({ ...frame, data: frame.data.slice() });
      },
    }, { highWaterMark: 0 });
    return {
      info: this.#source.info,
      frames,
      [Symbol.asyncDispose]: async () => {
        if (!isOpen) return;
        isOpen = false;
        for (const wait of waits) {
          this.#waiting.delete(wait);
          wait.resolve(undefined);
        }
        if (--this.#subscribers === 0) await this.end();
      },
    };
  }

  /** Closes the source; everybody's frames end. */
  async end(): Promise<void> {
    this.hasEnded = true;
    this.#reader.releaseLock();
    await this.#source[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        this.#settle((wait) => wait.resolve(value));
      }
    } catch (error) {
      if (!this.hasEnded) this.#settle((wait) => wait.reject(error));
    }
    this.hasEnded = true;
    this.#settle((wait) => wait.resolve(undefined));
  }

  #settle(how: (wait: PromiseWithResolvers<Frame | undefined>) => void): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    waiting.forEach(how);
  }
}
