// @ts-check
import { button, setText } from "./elements.js";

/** @typedef {"connecting" | "reconnecting" | "refused" | "loading" | "playing" | "paused" | "ended" | "error"} Phase */

/** @type {Record<Phase, string>} */
const TITLES = {
  connecting: "Connecting",
  reconnecting: "Connection lost",
  refused: "This address is out of date",
  loading: "Loading",
  playing: "",
  paused: "",
  ended: "The end",
  error: "This source cannot be shown",
};

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
    button("notice-action").hidden = phase !== "error" && phase !== "reconnecting";
    setText("notice-action", phase === "reconnecting" ? "Try now" : "Try again");
  }
}
