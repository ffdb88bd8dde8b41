import type { Connection } from "./courier.ts";
import { MESSAGE_LIMIT, parseClientMessage, type ServerMessage } from "./protocol.ts";
import { RateLimit } from "./rate_limit.ts";
import { Session, type Studio } from "./session.ts";

/** A connection as the server sees it: it can also be closed. */
export interface ViewerSocket extends Connection {
  /** WebSocket close code and reason. */
  close(code: number, reason: string): void;
}

/** Bytes on the way to a viewer after which it is taken for dead. A frame is a tenth of it. */
const UNREAD_LIMIT = 8 * 2 ** 20;

/** Bounds on what viewers may ask of the server. */
export interface ViewerLimits {
  /** Viewers at once. @default {64} */
  readonly viewers?: number;
  /** Messages a second from one viewer, in the long run. @default {60} */
  readonly messagesPerSecond?: number;
  /** Messages that make no sense before a viewer is sent away. @default {20} */
  readonly malformed?: number;
  /** A viewer who says nothing for so long is sent away; pages say something every 20 seconds. @default {120_000} */
  readonly idleMs?: number;
}

/** What a socket hands its events to. */
export interface Viewer {
  opened(): void;
  received(data: unknown): void;
  closed(): void;
}

/** Everybody who is watching. Disposing it sends them all away. */
export class Viewers implements AsyncDisposable {
  readonly studio: Studio;
  readonly #limits: Required<ViewerLimits>;
  readonly #open = new Map<Viewer, { readonly socket: ViewerSocket; end(): Promise<void> }>();
  readonly #ending = new Set<Promise<void>>();
  #isClosing = false;

  constructor(studio: Studio, limits: ViewerLimits = {}) {
    this.studio = studio;
    this.#limits = { viewers: 64, messagesPerSecond: 60, malformed: 20, idleMs: 120_000, ...limits };
  }

  /** Whether one more viewer may come. */
  get hasRoom(): boolean {
    return !this.#isClosing && this.#open.size < this.#limits.viewers;
  }

  /** Whether the server is shutting down. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Takes in a viewer whose socket is being opened. */
  join(socket: ViewerSocket): Viewer {
    const { studio } = this;
    const session = new Session(studio, {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (message) => {
        if (socket.bufferedAmount <= UNREAD_LIMIT) socket.send(message);
        else if (this.#open.has(viewer)) sendAway(4409, "Nothing is read");
      },
    });
    const rate = new RateLimit({
      perSecond: this.#limits.messagesPerSecond,
      burst: this.#limits.messagesPerSecond * 2,
    });
    let malformed = 0;
    let idle: ReturnType<typeof setTimeout> | undefined;
    const sendAway = (code: number, reason: string) => {
      studio.metrics.closures++;
      leave();
      socket.close(code, reason);
    };
    const listen = () => {
      clearTimeout(idle);
      idle = setTimeout(() => sendAway(4408, "Nothing was said for too long"), this.#limits.idleMs);
    };
    const leave = () => {
      clearTimeout(idle);
      this.#open.delete(viewer);
      studio.metrics.viewers = this.#open.size;
      const ending = session[Symbol.asyncDispose]().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
      return ending;
    };
    const viewer: Viewer = {
      opened: () => void session.greet().catch((error) => refuse(error)),
      received: (data) => {
        if (!this.#open.has(viewer)) return;
        if (typeof data !== "string") return sendAway(4415, "Only text is understood");
        if (data.length > MESSAGE_LIMIT) {
          return sendAway(4413, `A message has ${MESSAGE_LIMIT} bytes at most`);
        }
        if (!rate.take()) return sendAway(4429, "Too many messages");
        listen();
        try {
          session.handle(parseClientMessage(data));
        } catch (error) {
          if (++malformed > this.#limits.malformed) {
            return sendAway(4400, "Too many messages that make no sense");
          }
          refuse(error);
        }
      },
      closed: () => void leave(),
    };
    const refuse = (error: unknown) => {
      studio.metrics.refusals++;
      const message: ServerMessage = { type: "error", code: "message", message: studio.feeds.explain(error) };
      if (this.#open.has(viewer)) socket.send(JSON.stringify(message));
    };
    this.#open.set(viewer, { socket, end: leave });
    studio.metrics.connections++;
    studio.metrics.viewers = this.#open.size;
    listen();
    return viewer;
  }

  /** Sends everybody away and waits until what was running for them has stopped; then lets go of engines and sources. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    for (const { socket, end } of [...this.#open.values()]) {
      end();
      socket.close(4503, "The server is shutting down");
    }
    // Engines first: what is still being restored is worth nothing any more.
    await this.studio.engines?.[Symbol.asyncDispose]();
    await Promise.all(this.#ending);
    await this.studio.feeds[Symbol.asyncDispose]();
  }
}
