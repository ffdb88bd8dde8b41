import { MESSAGE_LIMIT, parseClientMessage, type ServerMessage } from "../protocol.ts";
import type { Connection } from "./frame_sender.ts";
import { RateLimit } from "./rate_limit.ts";
import type { ServerContext } from "./server_context.ts";
import { Session } from "./session.ts";

/** A connection that the server can close. */
export interface ViewerSocket extends Connection {
  /** WebSocket close code and reason. */
  close(code: number, reason: string): void;
}

/** A viewer with more bytes than this on the way is disconnected. A frame is a tenth of it. */
const UNREAD_LIMIT = 8 * 2 ** 20;

/** Limits on what viewers may ask of the server. */
export interface ViewerLimits {
  /** Viewers at once. @default {64} */
  readonly viewers?: number;
  /** Messages a second from one viewer, on average. @default {60} */
  readonly messagesPerSecond?: number;
  /** Malformed messages before a viewer is disconnected. @default {20} */
  readonly malformed?: number;
  /** Milliseconds without a message before a viewer is disconnected; pages send one every 20 s. @default {120_000} */
  readonly idleMs?: number;
}

/** Takes the events of one viewer's socket. */
export interface Viewer {
  opened(): void;
  received(data: unknown): void;
  closed(): void;
}

/** All viewers of a server. Disposing it disconnects them. */
export class Viewers implements AsyncDisposable {
  readonly context: ServerContext;
  readonly #limits: Required<ViewerLimits>;
  readonly #open = new Map<Viewer, { readonly socket: ViewerSocket; end(): Promise<void> }>();
  readonly #ending = new Set<Promise<void>>();
  #isClosing = false;

  constructor(context: ServerContext, limits: ViewerLimits = {}) {
    this.context = context;
    this.#limits = { viewers: 64, messagesPerSecond: 60, malformed: 20, idleMs: 120_000, ...limits };
  }

  /** Whether one more viewer may connect. */
  get hasRoom(): boolean {
    return !this.#isClosing && this.#open.size < this.#limits.viewers;
  }

  /** Whether the server is shutting down. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Adds a viewer whose socket is being opened. */
  join(socket: ViewerSocket): Viewer {
    const { context } = this;
    const session = new Session(context, {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (message) => {
        if (socket.bufferedAmount <= UNREAD_LIMIT) socket.send(message);
        else if (this.#open.has(viewer)) disconnect(4409, "The viewer does not read");
      },
    });
    const rate = new RateLimit({
      perSecond: this.#limits.messagesPerSecond,
      burst: this.#limits.messagesPerSecond * 2,
    });
    let malformed = 0;
    let idle: ReturnType<typeof setTimeout> | undefined;
    const disconnect = (code: number, reason: string) => {
      context.metrics.closures++;
      leave();
      socket.close(code, reason);
    };
    const restartIdleTimer = () => {
      clearTimeout(idle);
      idle = setTimeout(() => disconnect(4408, "No message for too long"), this.#limits.idleMs);
    };
    const leave = () => {
      clearTimeout(idle);
      this.#open.delete(viewer);
      context.metrics.viewers = this.#open.size;
      const ending = session[Symbol.asyncDispose]().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
      return ending;
    };
    const sendError = (error: unknown) => {
      context.metrics.refusals++;
      const text = context.sources.explain(error);
      const message: ServerMessage = { type: "error", code: "message", message: text };
      if (this.#open.has(viewer)) socket.send(JSON.stringify(message));
    };
    const viewer: Viewer = {
      opened: () => void session.greet().catch((error) => sendError(error)),
      received: (data) => {
        if (!this.#open.has(viewer)) return;
        if (typeof data !== "string") return disconnect(4415, "Only text messages are accepted");
        if (data.length > MESSAGE_LIMIT) {
          return disconnect(4413, `Messages are limited to ${MESSAGE_LIMIT} bytes`);
        }
        if (!rate.take()) return disconnect(4429, "Too many messages");
        restartIdleTimer();
        try {
          session.handle(parseClientMessage(data));
        } catch (error) {
          if (++malformed > this.#limits.malformed) return disconnect(4400, "Too many malformed messages");
          sendError(error);
        }
      },
      closed: () => void leave(),
    };
    this.#open.set(viewer, { socket, end: leave });
    context.metrics.connections++;
    context.metrics.viewers = this.#open.size;
    restartIdleTimer();
    return viewer;
  }

  /** Disconnects all viewers, waits until their sessions have ended, then disposes engines and sources. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    for (const { socket, end } of [...this.#open.values()]) {
      end();
      socket.close(4503, "The server is shutting down");
    }
    // Engines first, so that no session waits for a picture that is still being restored.
    await this.context.engines?.[Symbol.asyncDispose]();
    await Promise.all(this.#ending);
    await this.context.sources[Symbol.asyncDispose]();
  }
}
