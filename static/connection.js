// @ts-check
/** @import { ClientMessage, ServerMessage } from "../src/server/protocol.ts" */
import { decodeFrameMessage } from "./frame_message.js";

/** @typedef {import("./frame_message.js").FrameMessage} FrameMessage */
/** @typedef {"lost" | "full" | "refused" | "closed"} Trouble `refused`: the server does not accept this page's token; `closed`: it was shut down. */

/**
 * @typedef {object} ConnectionEvents
 * @property {(message: ServerMessage) => void} onMessage
 * @property {(frame: FrameMessage) => void} onFrame
 * @property {(trouble: Trouble, seconds: number) => void} onTrouble The connection was lost or could not be opened; the next attempt is in so many seconds, unless it was refused.
 */

const LONGEST_WAIT_SECONDS = 8;
/** The server disconnects viewers who send nothing for two minutes. */
const PING_MS = 20_000;
/** How the server closes sockets when it is shut down. */
const SHUT_DOWN = [4503, 1001];

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
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#onClose(code);
    };
    const before = this.#socket;
    this.#socket = socket;
    before?.close();
  }

  /** Sends a message, if the socket is open. @param {ClientMessage} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Asks the server for something by HTTP. @param {string} path */
  fetch(path) {
    return fetch(path, { headers: { authorization: `Bearer ${this.#token}` } });
  }

  /** Sends a file, with its progress. @param {File} file @returns {XMLHttpRequest} Not sent yet. */
  upload(file) {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/uploads?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("authorization", `Bearer ${this.#token}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    return request;
  }

  /** @param {number} code */
  async #onClose(code) {
    this.#socket = undefined;
    const seconds = Math.min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** this.#attempts++);
    const trouble = SHUT_DOWN.includes(code) ? "closed" : await this.#findTrouble();
    if (this.#socket !== undefined) return; // meanwhile another was opened
    this.#events.onTrouble(trouble, seconds);
    if (trouble !== "refused") this.#retry = setTimeout(() => this.open(), seconds * 1000);
  }

  /** A browser does not say why a socket was refused: something else is requested. @returns {Promise<Trouble>} */
  async #findTrouble() {
    try {
      const { status } = await this.fetch("/api/sources");
      if (status === 403) return "refused";
      const health = await (await fetch("/health")).json();
      return health.hasRoom === false ? "full" : "lost";
    } catch {
      return "lost"; // no answer at all: worth another attempt
    }
  }
}
