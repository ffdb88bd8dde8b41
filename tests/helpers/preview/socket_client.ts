import { decodeFrameMessage, type FrameMessage } from "../../../static/frame_message.js";
import type { ClientMessage, ServerMessage } from "../../../src/server/protocol.ts";

type MessageOf<Type extends ServerMessage["type"]> = Extract<ServerMessage, { type: Type }>;

/** Milliseconds that a message may take, on a machine that is busy with something else. */
const WAIT_MS = 120_000;

/** A viewer without a page: what a test sends and receives over a real socket. */
export class SocketClient implements Disposable {
  readonly socket: WebSocket;
  /** Frames not yet taken by `frame`. */
  readonly frames: FrameMessage[] = [];
  /** Text messages not yet taken by `message`. */
  readonly messages: ServerMessage[] = [];
  readonly closed: Promise<CloseEvent>;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    const { promise, resolve } = Promise.withResolvers<CloseEvent>();
    this.closed = promise;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.messages.push(JSON.parse(data));
      else this.frames.push(decodeFrameMessage(data));
      this.#stir();
    };
    socket.onclose = (event) => {
      resolve(event);
      this.#stir();
    };
  }

  /** Opens a socket to the preview whose page is at `url`. */
  static async open(url: string): Promise<SocketClient> {
    const address = new URL(url);
    const origin = address.origin;
    address.protocol = "ws:";
    address.pathname = "/ws";
    const socket = new WebSocket(address, { headers: { origin } });
    const client = new SocketClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = (event) =>
        reject(new Error(event instanceof ErrorEvent ? event.message : "socket failed"));
    });
    socket.onerror = () => undefined;
    return client;
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message of that type; what came before it is dropped. */
  message<Type extends ServerMessage["type"]>(
    type: Type,
    accepts: (message: MessageOf<Type>) => boolean = () => true,
  ): Promise<MessageOf<Type>> {
    return this.#wait(`message ${type}`, () => {
      for (let message = this.messages.shift(); message !== undefined; message = this.messages.shift()) {
        if (isOfType(message, type) && accepts(message)) return message;
      }
    });
  }

  /** The next frame that is restored or saved; what a busy server shows before, not restored yet, is dropped. */
  frame(accepts = ({ stage }: FrameMessage): boolean => stage !== "blurry"): Promise<FrameMessage> {
    return this.#wait("frame", () => {
      for (let frame = this.frames.shift(); frame !== undefined; frame = this.frames.shift()) {
        if (accepts(frame)) return frame;
      }
    });
  }

  async #wait<T>(what: string, take: () => T | undefined): Promise<T> {
    const late = AbortSignal.timeout(WAIT_MS);
    late.onabort = () => this.#stir();
    for (;;) {
      const taken = take();
      if (taken !== undefined) {
        late.onabort = null;
        return taken;
      }
      if (late.aborted || this.socket.readyState === WebSocket.CLOSED) throw new Error(`No ${what} came`);
      await this.#changed.promise;
    }
  }

  #stir(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

function isOfType<Type extends ServerMessage["type"]>(
  message: ServerMessage,
  type: Type,
): message is MessageOf<Type> {
  return message.type === type;
}
