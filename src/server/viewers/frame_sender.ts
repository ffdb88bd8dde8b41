import { setTimeout as delay } from "node:timers/promises";
import {
  encodeFrameMessage,
  type FrameStage,
  type Part,
  type PartFormat,
} from "../../../static/frame_message.js";
import type { Metrics } from "./metrics.ts";
import type { PreviewFrame } from "../sources/playback.ts";
import { encodeFrame } from "./encode_frame.ts";
import { ViewerStats } from "./viewer_stats.ts";

/** The viewer's end of a session: a socket, or a fake in a test. */
export interface Connection {
  /** Bytes handed to `send` that are not on the network yet. */
  readonly bufferedAmount: number;
  send(message: string | Uint8Array<ArrayBuffer>): void;
}

/** Milliseconds between looks at whether a socket has drained, which it has no event for. */
const DRAIN_POLL_MS = 50;

/** Encodes frames and sends them to one viewer, in order. */
export class FrameSender {
  readonly stats = new ViewerStats();
  readonly #connection: Connection;
  readonly #metrics: Metrics;
  #sequence = 0;
  #last: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(connection: Connection, metrics: Metrics) {
    this.#connection = connection;
    this.#metrics = metrics;
  }

  /**
   * Starts sending a frame, and resolves once the one before is sent: encoding one overlaps with restoring the next, and
   * only one is being encoded. Failures go to `onError`.
   */
  async send(frame: PreviewFrame, onError: (error: unknown) => void): Promise<void> {
    const before = this.#last;
    this.#last = this.#deliver(frame, before).catch(onError);
    await before;
  }

  /**
   * Sends the blurry picture of a frame that is being restored, outside the credits, unless it is restored before that is
   * encoded or something is on the way.
   */
  async sendBlurry(frame: PreviewFrame, isOver: () => boolean): Promise<void> {
    await this.#last;
    const parts = await this.#encode(frame, "image/jpeg");
    if (!isOver() && this.#connection.bufferedAmount === 0) this.#write(frame, parts, "blurry");
  }

  /** Resolves once nothing is being sent. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /**
   * Sends a whole frame without loss, outside the credits, once the viewer has read everything before it.
   *
   * @throws {DOMException} `AbortError` if `close` is called before.
   */
  async save(frame: PreviewFrame): Promise<void> {
    const parts = await this.#encode(frame, "image/png");
    const { signal } = this.#closing;
    while (this.#connection.bufferedAmount > 0) await delay(DRAIN_POLL_MS, undefined, { signal });
    this.#write(frame, parts, "saved");
  }

  /** Gives up the pictures that wait to be saved. */
  close(): void {
    this.#closing.abort();
  }

  async #deliver(frame: PreviewFrame, before: Promise<void>): Promise<void> {
    const parts = await this.#encode(frame, "image/jpeg");
    await before;
    this.stats.sent(this.#sequence, frame.decodedAt);
    this.#write(frame, parts, "restored");
    this.#sequence++;
  }

  async #encode(frame: PreviewFrame, format: PartFormat): Promise<readonly Part[]> {
    const since = performance.now();
    const parts = await encodeFrame(frame, format);
    frame.onEncoded?.(performance.now() - since);
    return parts;
  }

  #write(frame: PreviewFrame, parts: readonly Part[], stage: FrameStage): void {
    const { index, isEstimated, seconds, width, height, region, detail } = frame;
    const serverMs = performance.now() - frame.decodedAt;
    const header = { index, isEstimated, seconds, width, height, region, detail, stage };
    this.#connection.send(encodeFrameMessage({ ...header, sequence: this.#sequence, serverMs, parts }));
    if (stage !== "blurry") this.#metrics.sent(serverMs);
  }
}
