import { encodeFrameMessage, type PartFormat } from "../../static/frame_message.js";
import type { Metrics } from "./metrics.ts";
import { encodeShot, type Shot } from "./shot.ts";
import { ViewerStats } from "./viewer_stats.ts";

/** The viewer's end of a session: a socket, or a fake in a test. */
export interface Connection {
  /** Bytes handed to `send` that have not left yet. */
  readonly bufferedAmount: number;
  send(message: string | Uint8Array<ArrayBuffer>): void;
}

/** Encodes shots and sends them to one viewer, in order. */
export class Courier {
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
   * Starts sending a shot, and resolves once the one before has gone: encoding one overlaps with restoring the next,
   * and no more than one is being encoded. What goes wrong is handed to `onError`.
   */
  async send(shot: Shot, onError: (error: unknown) => void): Promise<void> {
    const before = this.#last;
    this.#last = this.#deliver(shot, before).catch(onError);
    await before;
  }

  /** Resolves once nothing is being sent. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Sends a whole shot without loss, outside the credits; does nothing for a viewer who does not read. */
  async save(shot: Shot): Promise<void> {
    const parts = await this.#encode(shot, "image/png");
    if (this.#connection.bufferedAmount === 0) this.#write(shot, parts, true);
  }

  async #deliver(shot: Shot, before: Promise<void>): Promise<void> {
    const parts = await this.#encode(shot, "image/jpeg");
    await before;
    this.stats.sent(this.#sequence, shot.decodedAt);
    this.#write(shot, parts, false);
    this.#sequence++;
  }

  async #encode(shot: Shot, format: PartFormat) {
    const since = performance.now();
    const parts = await encodeShot(shot, format);
    shot.onEncoded?.(performance.now() - since);
    return parts;
  }

  #write(shot: Shot, parts: Awaited<ReturnType<typeof encodeShot>>, saved: boolean): void {
    const { index, seconds, width, height, region, detail } = shot;
    const serverMs = performance.now() - shot.decodedAt;
    const what = { index, seconds, width, height, region, detail };
    this.#connection.send(encodeFrameMessage({ ...what, sequence: this.#sequence, saved, serverMs, parts }));
    this.#metrics.sent(serverMs);
  }
}
