import { parseClientMessage, type ServerMessage } from "../protocol.ts";
import type { Connection } from "./frame_sender.ts";
import { RateLimit } from "./rate_limit.ts";
import type { ServerContext } from "./server_context.ts";
import { Session } from "./session.ts";

/** A connection that the server can close. */
export interface ViewerSocket extends Connection {
  /** WebSocket close code and reason. */
  close(code: number, reason: string): void;
}

/** Limits on what one viewer may ask of the server. */
export interface ViewerLimits {
  /** Messages a second, on average. @default {60} */
  readonly messagesPerSecond?: number;
  /** Malformed messages before a viewer is disconnected. @default {20} */
  readonly malformed?: number;
  /** Milliseconds without a message before a viewer is disconnected; pages send one every 20 s. @default {120_000} */
  readonly idleMs?: number;
}

/** A viewer with more bytes than this on the way is disconnected. A frame is a tenth of it. */
const UNREAD_LIMIT = 8 * 2 ** 20;

/** One viewer's socket and session: it takes the socket's events, and disconnects a viewer who breaks a limit. */
export class ConnectedViewer {
  readonly #context: ServerContext;
  readonly #socket: ViewerSocket;
  readonly #limits: Required<ViewerLimits>;
  readonly #onEnd: (ending: Promise<void>) => void;
  readonly #session: Session;
  readonly #rate: RateLimit;
  #malformed = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = false;

  /** @param onEnd Called once, with the end of the session. */
  constructor(
    context: ServerContext,
    socket: ViewerSocket,
    limits: ViewerLimits,
    onEnd: (ending: Promise<void>) => void,
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#limits = { messagesPerSecond: 60, malformed: 20, idleMs: 120_000, ...limits };
    this.#onEnd = onEnd;
    const { messagesPerSecond } = this.#limits;
    this.#rate = new RateLimit({ perSecond: messagesPerSecond, burst: 2 * messagesPerSecond });
    this.#session = new Session(context, {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (message) => this.#send(message),
    });
    this.#restartIdleTimer();
  }

  /** The socket is open. */
  opened(): void {
    this.#session.greet().catch((error) => this.#sendError(error));
  }

  /** The socket received a message. */
  received(data: unknown): void {
    if (this.#hasEnded) return;
    if (typeof data !== "string") return this.#disconnect(4415, "Only text messages are accepted");
    if (!this.#rate.take()) return this.#disconnect(4429, "Too many messages");
    this.#restartIdleTimer();
    try {
      this.#session.handle(parseClientMessage(data));
    } catch (error) {
      if (++this.#malformed > this.#limits.malformed) {
        return this.#disconnect(4400, "Too many malformed messages");
      }
      this.#sendError(error);
    }
  }

  /** The socket is being closed because the viewer broke the protocol below this one. */
  broke(): void {
    this.#context.metrics.closures++;
    this.#end();
  }

  /** The socket is closed. */
  closed(): void {
    this.#end();
  }

  /** Ends the session and closes the socket. @param code WebSocket close code. */
  close(code: number, reason: string): void {
    this.#end();
    this.#socket.close(code, reason);
  }

  #disconnect(code: number, reason: string): void {
    this.#context.metrics.closures++;
    this.close(code, reason);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#idle);
    this.#onEnd(this.#session[Symbol.asyncDispose]());
  }

  #restartIdleTimer(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#disconnect(4408, "No message for too long"), this.#limits.idleMs);
  }

  #send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.bufferedAmount <= UNREAD_LIMIT) this.#socket.send(message);
    else if (!this.#hasEnded) this.#disconnect(4409, "The viewer does not read");
  }

  #sendError(error: unknown): void {
    this.#context.metrics.refusals++;
    const text = this.#context.sources.explain(error);
    const message: ServerMessage = { type: "error", code: "message", message: text };
    if (!this.#hasEnded) this.#socket.send(JSON.stringify(message));
  }
}
