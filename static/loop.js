// @ts-check
/** @typedef {import("./frame_message.js").FrameMessage} FrameMessage */
import { button, select, setText } from "./elements.js";

/** Bytes of pictures and frames that are kept; a range that is longer is looped as far as that goes. */
const LIMITS = { bytes: 256 * 2 ** 20, frames: 1500 };
/** The delay between frames whose times say nothing, in seconds. */
const USUAL_SECONDS = 1 / 25;

/**
 * @typedef {object} LoopOptions
 * @property {() => { readonly start: number, readonly end: number } | null} range The part to loop; `null` for all from here on.
 * @property {(isOn: boolean, id: number) => void} request Asks the server for every frame of the range, or to stop that; it names the request when it has given them all.
 * @property {(frame: FrameMessage) => Promise<void>} show
 * @property {(text: string) => void} warn
 */

/** Plays a range with every frame restored: they are gathered once, as slowly as they come, and then shown in their time. */
export class Loop {
  /** @type {FrameMessage[]} */
  #frames = [];
  #bytes = 0;
  /** @type {"off" | "gathering" | "playing"} */
  #state = "off";
  /** Raised by every start and stop: what plays for an older one ends. */
  #turn = 0;
  #options;

  /** @param {LoopOptions} options */
  constructor(options) {
    this.#options = options;
    button("loop").addEventListener("click", () => this.toggle());
  }

  get isOn() {
    return this.#state !== "off";
  }

  get isPlaying() {
    return this.#state === "playing";
  }

  toggle() {
    if (this.isOn) this.stop();
    else this.start();
  }

  /** Gathers the frames, anew if they were gathered with other settings. */
  start() {
    if (button("loop").disabled) return;
    this.#reset("gathering");
    this.#options.request(true, this.#turn);
  }

  /** Stops gathering or playing. */
  stop() {
    if (!this.isOn) return;
    this.#reset("off");
    this.#options.request(false, this.#turn);
  }

  /** What is gathered or played is given up without asking the server for anything: it does something else already. */
  leave() {
    if (this.isOn) this.#reset("off");
  }

  /**
   * Takes a restored frame, while they are gathered. The last ones may still be on their way when the server says that it has
   * restored them all. A frame that was on its way when the loop was asked for is none of its frames: it is outside the range,
   * or the first frame of the loop follows it and is not later.
   *
   * @param {FrameMessage} frame
   */
  take(frame) {
    const last = this.#frames.at(-1);
    const isLate = this.#state === "playing" && last !== undefined && frame.seconds > last.seconds;
    if (this.#state !== "gathering" && !isLate) return;
    const range = this.#options.range();
    if (range && (frame.seconds < range.start || frame.seconds >= range.end)) return;
    if (last && frame.seconds <= last.seconds) this.#empty();
    this.#frames.push(frame);
    if (isLate) return this.#draw();
    this.#bytes += frame.parts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    setText("loop-text", `${this.#frames.length} frames restored`);
    if (this.#bytes < LIMITS.bytes && this.#frames.length < LIMITS.frames) return;
    this.#options.warn(
      `The loop holds ${this.#frames.length} frames, as many as there is room for. Choose a shorter range for all of it`,
    );
    this.#options.request(false, this.#turn);
    this.gathered(this.#turn);
  }

  /** All frames of the range have come. @param {number | undefined} id Of the request; an older one, with other settings, does not count. */
  gathered(id) {
    if (id !== this.#turn || this.#state !== "gathering" || this.#frames.length === 0) return;
    this.#state = "playing";
    this.#draw();
    void this.#play(this.#turn);
  }

  /** @param {"off" | "gathering"} state */
  #reset(state) {
    this.#turn++;
    this.#empty();
    this.#state = state;
    this.#draw();
  }

  #empty() {
    this.#frames = [];
    this.#bytes = 0;
  }

  #draw() {
    const { isOn } = this;
    button("loop").setAttribute("aria-pressed", String(isOn));
    document.body.dataset.loop = this.#state;
    setText(
      "loop-text",
      {
        off: "",
        gathering: "Restoring",
        playing: `${this.#frames.length} frames, all restored`,
      }[this.#state],
    );
  }

  /** @param {number} turn */
  async #play(turn) {
    for (let i = 0; turn === this.#turn; i = (i + 1) % this.#frames.length) {
      const [frame, next] = [this.#frames[i], this.#frames[i + 1]];
      if (frame === undefined) return;
      const since = performance.now();
      await this.#options.show(frame);
      const seconds = Math.max(0, next ? next.seconds - frame.seconds : 0) || this.#lastSeconds();
      const speed = Number(select("loop-speed").value);
      const left = 1000 * seconds / speed - (performance.now() - since);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, left)));
    }
  }

  /** How long the last frame is shown: as long as the one before. */
  #lastSeconds() {
    const [one, other] = this.#frames.slice(-2);
    return one && other ? other.seconds - one.seconds : USUAL_SECONDS;
  }
}
