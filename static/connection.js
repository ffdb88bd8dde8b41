// @ts-check
/** @import { ClientMessage, ServerMessage } from "../src/server/protocol.ts" */
import { decodeFrameMessage } from "./frame_message.js";

/** @typedef {import("./frame_message.js").FrameMessage} FrameMessage */

/**
 * @typedef {object} ConnectionEvents
 * @property {(message: ServerMessage) => void} onMessage
 * @property {(frame: FrameMessage) => void} onFrame
 * @property {(seconds: number) => void} onLost The connection was lost or could not be opened; the next attempt is in so many seconds.
 * @property {() => void} onRefused The server answers and does not accept this page's token.
 */

const LONGEST_WAIT_SECONDS = 8;
/** The server disconnects viewers who send nothing for two minutes. */
const PING_MS = 20_000;

/** The socket to the server, which is reopened whenever it closes. */
export class Connection {
  /** @type {WebSocket | undefined} */
  #socket;
  #events;
  #token;
  #attempts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  /** @param {string} token @param {ConnectionEvents} events */
  constructor(token, events) {
    this.#token = token;
    this.#events = events;
    setInterval(() => this.send({ type: "ping" }), PING_MS);
    this.open();
  }

  /** Connects now. */
  open() {
    clearTimeout(this.#retry);
    const address = new URL(`/ws?token=${encodeURIComponent(this.#token)}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#attempts = 0;
      if (typeof data === "string") this.#events.onMessage(JSON.parse(data));
      else this.#events.onFrame(decodeFrameMessage(data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#onClose();
    };
    const before = this.#socket;
    this.#socket = socket;
    before?.close();
  }

  /** Sends a message, if the socket is open. @param {ClientMessage} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  async #onClose() {
    this.#socket = undefined;
    const seconds = Math.min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** this.#attempts++);
    // A browser does not say why a socket was refused: request something else with the same token.
    if (this.#attempts > 1 && await this.#isRefused()) return this.#events.onRefused();
    this.#events.onLost(seconds);
    this.#retry = setTimeout(() => this.open(), seconds * 1000);
  }

  async #isRefused() {
    try {
      const answer = await fetch(`/api/sources?token=${encodeURIComponent(this.#token)}`);
      return answer.status === 403;
    } catch {
      return false; // no answer at all: worth another attempt
    }
  }
}
