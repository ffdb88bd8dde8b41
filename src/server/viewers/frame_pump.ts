import { CREDIT_LIMIT, type Settings } from "../protocol.ts";
import type { Playback } from "../sources/playback.ts";
import type { Connection, FrameSender } from "./frame_sender.ts";

/** A viewer with more bytes than this on the way gets no frames, whatever its credit. */
const STUCK_BYTES = 256 * 1024;

/** Options of {@linkcode FramePump}. */
export interface FramePumpOptions {
  readonly connection: Connection;
  readonly sender: FrameSender;
  /** Settings of the moment. */
  readonly settings: () => Settings;
  /** Whether no frame may be taken now. */
  readonly isHeld: () => boolean;
  /** Called when the source or the engine failed; nothing more is taken until {@linkcode FramePump.resume}. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sends one viewer the frames of the source it watches, one after another. A frame is restored and sent only against credit,
 * and it is the frame due at that moment; frames are never queued. Disposing waits for the one on its way.
 */
export class FramePump implements AsyncDisposable {
  readonly #options: FramePumpOptions;
  readonly #running: Promise<void>;
  #playback: Playback | undefined;
  #credit = 0;
  #hasFailed = false;
  #isClosed = false;
  #wake = Promise.withResolvers<void>();

  constructor(options: FramePumpOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Whether the source failed and was not resumed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The source that is watched. */
  get playback(): Playback | undefined {
    return this.#playback;
  }

  set playback(playback: Playback | undefined) {
    this.#playback = playback;
    this.wake();
  }

  /** Takes credit for some more frames. */
  grant(frames: number): void {
    this.#credit = Math.min(CREDIT_LIMIT, this.#credit + frames);
    this.wake();
  }

  /** Leaves the failed state, and goes on. */
  resume(): void {
    this.#hasFailed = false;
    this.wake();
  }

  /** Looks again whether a frame can be sent. To be called now and then: a socket has no event for having drained. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Stops until {@linkcode resume}. */
  fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#hasFailed = true;
    this.#options.onFailure(error);
  }

  async #run(): Promise<void> {
    const { connection, sender, settings, isHeld } = this.#options;
    while (!this.#isClosed) {
      const playback = this.#playback;
      const isStuck = connection.bufferedAmount > STUCK_BYTES;
      if (this.#credit === 0 || playback === undefined || this.#hasFailed || isStuck || isHeld()) {
        this.#wake = Promise.withResolvers();
        await this.#wake.promise;
        continue;
      }
      this.#credit--;
      try {
        const frame = await playback.next(settings);
        if (playback === this.#playback) {
          await sender.send(frame, (error) => this.#refund(playback, error));
        } else this.#refund(playback);
      } catch (error) {
        this.#refund(playback, error);
      }
    }
    await sender.settled();
  }

  /** Gives the credit of a frame back that is not sent, because the viewer left its source or it failed. */
  #refund(playback: Playback, error?: unknown): void {
    this.#credit = Math.min(CREDIT_LIMIT, this.#credit + 1);
    if (error !== undefined && playback === this.#playback) this.fail(error);
    this.wake();
  }

  /** Ends once the source's call that waits is over; dispose the source first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.wake();
    await this.#running;
  }
}
