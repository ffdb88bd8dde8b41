// @ts-check
/** @import { Outcome } from "../src/server/protocol.ts" */
import { button, setText } from "./elements.js";

/** @typedef {"connecting" | "reconnecting" | "full" | "refused" | "loading" | "playing" | "paused" | "rendering" | "rendered" | "ended" | "error"} Phase */

/** @type {Record<Phase, string>} */
const TITLES = {
  connecting: "Connecting",
  reconnecting: "Connection lost",
  full: "The server is full",
  refused: "This address is out of date",
  loading: "Loading",
  playing: "",
  paused: "",
  rendering: "",
  rendered: "",
  ended: "The end",
  error: "This source cannot be shown",
};

/** @type {Record<Outcome, string>} */
const OUTCOMES = { done: "Done", failed: "Failed", cancelled: "Cancelled", damaged: "The file is damaged" };

/** The message over the pictures: what the page is doing, or what went wrong. */
export class Notice {
  /** @type {Phase} */
  #phase = "connecting";

  /** @param {() => void} onAction Called when its button is pressed: try again. */
  constructor(onAction) {
    button("notice-action").addEventListener("click", onAction);
  }

  get phase() {
    return this.#phase;
  }

  /**
   * @param {Phase} phase
   * @param {string} [text] For the user.
   * @param {string} [title]
   */
  show(phase, text = "", title = TITLES[phase]) {
    this.#phase = phase;
    document.body.dataset.phase = phase;
    setText("notice-title", title);
    setText("notice-text", text);
    button("notice-action").hidden = !["error", "reconnecting", "full"].includes(phase);
    setText("notice-action", phase === "error" ? "Try again" : "Try now");
  }

  /** Shows how a source ended that did not simply reach its end. @param {Outcome} outcome @param {string} text */
  showEnd(outcome, text) {
    this.show("ended", text, OUTCOMES[outcome]);
  }
}
