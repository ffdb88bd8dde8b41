// @ts-check
/** @import { ClientMessage, ServerMessage, Settings, SourceDescription } from "../src/server/protocol.ts" */
/** @import { FrameMessage } from "./frame_message.js" */
import { button, element, fill, input, select, setText } from "./elements.js";
import { formatLatency, formatLeft, formatTime } from "./format.js";

/** @typedef {Extract<ServerMessage, { type: "hello" }>} Hello */
/** @typedef {Extract<ServerMessage, { type: "stats" }>} Stats */
/** Milliseconds between messages while a slider is dragged. */
const SLIDER_MS = 60;

/** The bars above and below the pictures: controls and statistics. */
export class Panel {
  /** @type {SourceDescription | undefined} */
  #source;
  #isPlaying = false;
  #isSeeking = false;
  #send;

  /**
   * @param {(message: ClientMessage) => void} send
   * @param {(id: string) => void} onSource Called when another source is chosen.
   */
  constructor(send, onSource) {
    this.#send = send;
    button("play").addEventListener("click", () => this.togglePlay());
    button("step-back").addEventListener("click", () => this.step(-1));
    button("step-forward").addEventListener("click", () => this.step(1));
    button("save").addEventListener("click", () => send({ type: "save" }));
    select("source").addEventListener("change", () => onSource(select("source").value));
    for (const name of /** @type {const} */ (["preset", "device"])) {
      select(name).addEventListener("change", () => send({ type: "settings", [name]: select(name).value }));
    }
    const everywhere = input("everywhere");
    everywhere.addEventListener("change", () => send({ type: "settings", everywhere: everywhere.checked }));
    const seek = throttled(() => send({ type: "seek", seconds: Number(input("seek").value) }));
    input("seek").addEventListener("input", () => {
      this.#isSeeking = true;
      this.#showTime(Number(input("seek").value));
      seek();
    });
    input("seek").addEventListener("change", () => this.#isSeeking = false);
    const tune = throttled(() => send({ type: "settings", detail: Number(input("detail").value) }));
    input("detail").addEventListener("input", () => {
      setText("detail-value", Number(input("detail").value).toFixed(2));
      tune();
    });
  }

  togglePlay() {
    if (!button("play").disabled) this.#send({ type: this.#isPlaying ? "pause" : "play" });
  }

  /** @param {-1 | 1} frames */
  step(frames) {
    if (this.#source?.canSeek) this.#send({ type: "step", frames });
  }

  /** @param {Hello} hello */
  greet({ sources, passedOver, presets, devices, settings }) {
    this.showSources(sources, passedOver);
    fill(select("preset"), presets.map((name) => [name, name]));
    fill(select("device"), devices.map(({ name, about }) => [name, name, about]));
    // A menu of one entry offers nothing.
    for (const id of ["preset", "device"]) {
      select(id).closest("label")?.toggleAttribute("hidden", select(id).options.length < 2);
    }
    this.showSettings(settings);
  }

  /** @param {Hello["sources"]} sources @param {string} passedOver What is not listed. */
  showSources(sources, passedOver) {
    fill(select("source"), sources.map(({ id, name }) => [id, name]));
    if (this.#source) select("source").value = this.#source.id;
    select("source").disabled = sources.length === 0;
    setText("passed-over", passedOver);
    element("passed-over", HTMLElement).hidden = passedOver === "";
  }

  /** @param {Settings} settings */
  showSettings({ preset, device, detail, everywhere }) {
    select("preset").value = preset;
    select("device").value = device;
    select("device").title = select("device").selectedOptions[0]?.title ?? "";
    input("everywhere").checked = everywhere;
    if (document.activeElement !== input("detail")) input("detail").value = String(detail);
    setText("detail-value", Number(input("detail").value).toFixed(2));
  }

  /** Shows nothing of a source: another is being opened, or it cannot be. */
  clear() {
    this.#source = undefined;
    for (const id of ["frame", "rate", "skipped", "latency", "left", "length"]) setText(id, "–");
    setText("time", formatTime(0));
    input("seek").value = "0";
    for (const id of ["step-back", "step-forward", "play", "save", "loop"]) button(id).disabled = true;
    input("seek").disabled = true;
    document.title = "Deblur preview";
  }

  /** @param {SourceDescription} source */
  showSource(source) {
    this.#source = source;
    const { canSeek, canTune, seconds, kind } = source;
    select("source").value = source.id;
    input("seek").max = String(seconds ?? 0);
    input("seek").disabled = !canSeek || !seconds;
    element("timeline", HTMLElement).hidden = kind === "live";
    setText("length", seconds === null ? "–" : formatTime(seconds));
    for (const id of ["step-back", "step-forward"]) button(id).disabled = !canSeek;
    for (const id of ["preset", "device"]) select(id).disabled = !canTune;
    for (const id of ["detail", "everywhere"]) input(id).disabled = !canTune;
    element("views", HTMLElement).querySelectorAll("input").forEach((choice) => {
      if (choice.value === "branches") choice.disabled = !canTune;
    });
    element("left-box", HTMLElement).hidden = kind !== "job";
    button("play").disabled = kind === "picture";
    button("loop").disabled = kind !== "video" || !canSeek;
    button("save").disabled = false;
    document.title = `${source.name} – deblur preview`;
  }

  /** @param {boolean} isPlaying */
  showPlaying(isPlaying) {
    this.#isPlaying = isPlaying;
    const what = isPlaying ? "Pause" : "Play";
    button("play").setAttribute("aria-label", what);
    button("play").querySelector("use")?.setAttribute("href", isPlaying ? "#i-pause" : "#i-play");
  }

  /** @param {FrameMessage} frame */
  showFrame({ index, isEstimated, seconds }) {
    const total = this.#source?.frames;
    // A number that was computed from the time may be wrong where frames come at uneven times.
    const number = isEstimated ? `≈ ${Math.min(index + 1, total ?? Infinity)}` : String(index + 1);
    setText("frame", total ? `${number} / ${total}` : number);
    if (this.#isSeeking) return;
    this.#showTime(seconds);
    input("seek").value = String(seconds);
    input("seek").setAttribute("aria-valuetext", `${formatTime(seconds)}, frame ${index + 1}`);
  }

  /** @param {Stats} stats */
  showStats({ framesPerSecond, skipped, latencyMs, secondsLeft }) {
    setText("rate", `${framesPerSecond.toFixed(1)} /s`);
    setText("skipped", String(skipped));
    setText("latency", formatLatency(latencyMs));
    setText("left", formatLeft(secondsLeft));
  }

  /** @param {number} seconds */
  #showTime(seconds) {
    setText("time", formatTime(seconds));
  }
}

/**
 * Limits how often `act` is called: at once, then at most every {@linkcode SLIDER_MS}, and once more for the last call.
 *
 * @param {() => void} act
 */
export function throttled(act) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isPending = false;
  return () => {
    isPending = true;
    if (timer !== undefined) return;
    act();
    isPending = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isPending) act();
    }, SLIDER_MS);
  };
}
