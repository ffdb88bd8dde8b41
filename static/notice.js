// @ts-check
import { button, say } from "./elements.js";

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
  error: "This cannot be shown",
};

/** What the page is doing, said over the pictures. */
export class Notice {
  /** @type {Phase} */
  #phase = "connecting";

  /** @param {() => void} onAction The button was pressed: try again. */
  constructor(onAction) {
    button("notice-action").addEventListener("click", onAction);
  }

  get phase() {
    return this.#phase;
  }

  /**
   * @param {Phase} phase
   * @param {string} [text] For a person.
   * @param {string} [title]
   */
  show(phase, text = "", title = TITLES[phase]) {
    this.#phase = phase;
    document.body.dataset.phase = phase;
    say("notice-title", title);
    say("notice-text", text);
    button("notice-action").hidden = phase !== "error" && phase !== "reconnecting";
    say("notice-action", phase === "reconnecting" ? "Try now" : "Try again");
  }
}
