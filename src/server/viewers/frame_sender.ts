import { encodeFrameMessage, type Part, type PartFormat } from "../../../static/frame_message.js";
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

/** Encodes frames and sends them to one viewer, in order. */
export class FrameSender {
  readonly stats = new ViewerStats();
  readonly #connection: Connection;
  readonly #metrics: Metrics;
  #sequence = 0;
  #last: Promise<void> = Promise.resolve();

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

  /** Resolves once nothing is being sent. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Sends a whole frame without loss, outside the credits; does nothing for a viewer who does not read. */
  async save(frame: PreviewFrame): Promise<void> {
    const parts = await this.#encode(frame, "image/png");
    if (this.#connection.bufferedAmount === 0) this.#write(frame, parts, true);
  }

  async #deliver(frame: PreviewFrame, before: Promise<void>): Promise<void> {
    const parts = await this.#encode(frame, "image/jpeg");
    await before;
    this.stats.sent(this.#sequence, frame.decodedAt);
    this.#write(frame, parts, false);
    this.#sequence++;
  }

  async #encode(frame: PreviewFrame, format: PartFormat): Promise<readonly Part[]> {
    const since = performance.now();
    const parts = await encodeFrame(frame, format);
    frame.onEncoded?.(performance.now() - since);
    return parts;
  }

  #write(frame: PreviewFrame, parts: readonly Part[], saved: boolean): void {
    const { index, seconds, width, height, region, detail } = frame;
    const serverMs = performance.now() - frame.decodedAt;
    const header = { index, seconds, width, height, region, detail };
    this.#connection.send(
      encodeFrameMessage({ ...header, sequence: this.#sequence, saved, serverMs, parts }),
    );
    this.#metrics.sent(serverMs);
  }
}
