// @ts-check
/** @import { SourceDescription } from "../src/server/protocol.ts" */
/** @typedef {{ readonly start: number, readonly end: number }} TimeRange */
import { button, element, setText } from "./elements.js";
import { formatTime } from "./format.js";

/** Begin and end of the part that is taken, on the timeline. */
export class RangeMarks {
  /** @type {SourceDescription | undefined} */
  #source;
  /** @type {number | undefined} */
  #start;
  /** @type {number | undefined} */
  #end;
  #now;
  #onChange;

  /** @param {() => number} now Time of the frame on show. @param {(range: TimeRange | null) => void} onChange */
  constructor(now, onChange) {
    this.#now = now;
    this.#onChange = onChange;
    button("mark-in").addEventListener("click", () => this.markIn());
    button("mark-out").addEventListener("click", () => this.markOut());
    button("mark-clear").addEventListener("click", () => this.clear());
  }

  /** The part that is taken; `null` for all of it. @returns {TimeRange | null} */
  get range() {
    if (this.#start === undefined && this.#end === undefined) return null;
    return { start: this.#start ?? 0, end: this.#end ?? this.#whole };
  }

  get #whole() {
    const { seconds, frameRate } = this.#source ?? {};
    return (seconds ?? 1e6) + 1 / (frameRate ?? 25);
  }

  /** Begins the range with the frame on show; an end before it is given up. */
  markIn() {
    if (!this.#canMark) return;
    const start = this.#now();
    if (this.#end !== undefined && this.#end <= start) this.#end = undefined;
    this.#start = start;
    this.#changed();
  }

  /** Ends the range behind the frame on show; a beginning after it is given up. */
  markOut() {
    if (!this.#canMark) return;
    const end = this.#now() + 0.5 / (this.#source?.frameRate ?? 25);
    if (this.#start !== undefined && end <= this.#start) this.#start = undefined;
    this.#end = end;
    this.#changed();
  }

  /** Takes all of it again. */
  clear() {
    if (this.range === null) return;
    [this.#start, this.#end] = [undefined, undefined];
    this.#changed();
  }

  /** Takes all of another source. @param {SourceDescription | undefined} source */
  show(source) {
    if (source?.id !== this.#source?.id) [this.#start, this.#end] = [undefined, undefined];
    this.#source = source;
    for (const id of ["mark-in", "mark-out"]) button(id).disabled = !this.#canMark;
    this.#draw();
  }

  get #canMark() {
    return this.#source?.kind === "video" && this.#source.canSeek && this.#source.canTune;
  }

  #changed() {
    this.#draw();
    this.#onChange(this.range);
  }

  #draw() {
    const { range } = this;
    button("mark-clear").disabled = range === null;
    const length = this.#source?.seconds ?? 0;
    const bar = element("range-bar", HTMLElement);
    bar.hidden = range === null || length === 0;
    setText(
      "range-text",
      range === null ? "" : `${formatTime(range.start)} to ${formatTime(Math.min(range.end, length))}`,
    );
    if (range === null || length === 0) return;
    const percent = (/** @type {number} */ seconds) => `${100 * Math.min(1, Math.max(0, seconds / length))}%`;
    bar.style.setProperty("--from", percent(range.start));
    bar.style.setProperty("--to", percent(range.end));
  }
}
