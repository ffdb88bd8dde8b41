// @ts-check
/** @import { ClientMessage, ServerMessage } from "../src/server/protocol.ts" */
import { decodeFrameMessage } from "./frame_message.js";

/** @typedef {import("./frame_message.js").FrameMessage} FrameMessage */

/**
 * @typedef {object} ConnectionEvents
 * @property {(message: ServerMessage) => void} onMessage
 * @property {(frame: FrameMessage) => void} onFrame
 * @property {(seconds: number) => void} onLost The connection went, or never came; the next try is in so many seconds.
 * @property {() => void} onRefused The server is there and does not take this page's token, or is full.
 */

const LONGEST_WAIT_SECONDS = 8;
/** The server sends away who says nothing for two minutes. */
const PING_MS = 20_000;

/** The socket to the server, opened again whenever it goes. */
export class Connection {
  /** @type {WebSocket | undefined} */
  #socket;
  #events;
  #token;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  /** @param {string} token @param {ConnectionEvents} events */
  constructor(token, events) {
    this.#token = token;
    this.#events = events;
    setInterval(() => this.send({ type: "ping" }), PING_MS);
    this.open();
  }

  /** Tries now. */
  open() {
    clearTimeout(this.#retry);
    const address = new URL(`/ws?token=${encodeURIComponent(this.#token)}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#tries = 0;
      if (typeof data === "string") this.#events.onMessage(JSON.parse(data));
      else this.#events.onFrame(decodeFrameMessage(data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
    const before = this.#socket;
    this.#socket = socket;
    before?.close();
  }

  /** Says something, if there is anybody to hear it. @param {ClientMessage} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  async #lost() {
    this.#socket = undefined;
    const seconds = Math.min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** this.#tries++);
    // A browser does not say why a socket was refused, so ask for something else with the same token.
    if (this.#tries > 1 && await this.#isRefused()) return this.#events.onRefused();
    this.#events.onLost(seconds);
    this.#retry = setTimeout(() => this.open(), seconds * 1000);
  }

  async #isRefused() {
    try {
      const answer = await fetch(`/api/sources?token=${encodeURIComponent(this.#token)}`);
      return answer.status === 403;
    } catch {
      return false; // Nobody there at all: worth trying again.
    }
  }
}
