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
    button("step-back").addEventListener("click", () => send({ type: "step", frames: -1 }));
    button("step-forward").addEventListener("click", () => send({ type: "step", frames: 1 }));
    button("save").addEventListener("click", () => send({ type: "save" }));
    select("source").addEventListener("change", ({ target }) => {
      if (target instanceof HTMLSelectElement) onSource(target.value);
    });
    for (const name of /** @type {const} */ (["preset", "device"])) {
      select(name).addEventListener("change", () => send({ type: "settings", [name]: select(name).value }));
    }
    const seek = throttled(() => send({ type: "seek", seconds: Number(input("seek").value) }));
    input("seek").addEventListener("input", () => {
      this.#isSeeking = true;
      setText("time", formatTime(Number(input("seek").value)));
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
  greet({ sources, presets, devices, settings }) {
    fill(select("source"), sources.map(({ id, name }) => [id, name]));
    select("source").disabled = sources.length < 2;
    fill(select("preset"), presets.map((name) => [name, name]));
    fill(select("device"), devices.map(({ name, about }) => [name, name, about]));
    this.showSettings(settings);
  }

  /** @param {Settings} settings */
  showSettings({ preset, device, detail }) {
    select("preset").value = preset;
    select("device").value = device;
    select("device").title = select("device").selectedOptions[0]?.title ?? "";
    if (document.activeElement !== input("detail")) input("detail").value = String(detail);
    setText("detail-value", Number(input("detail").value).toFixed(2));
  }

  /** @param {SourceDescription} source */
  showSource(source) {
    this.#source = source;
    const { canSeek, canTune, seconds } = source;
    select("source").value = source.id;
    input("seek").max = String(seconds ?? 0);
    input("seek").disabled = !canSeek || !seconds;
    element("seek", HTMLElement).closest(".timeline")?.toggleAttribute("hidden", source.kind === "live");
    setText("length", seconds === null ? "–" : formatTime(seconds));
    for (const id of ["step-back", "step-forward"]) button(id).disabled = !canSeek;
    for (const id of ["preset", "device"]) select(id).disabled = !canTune;
    input("detail").disabled = !canTune;
    element("views", HTMLElement).querySelectorAll("input").forEach((choice) => {
      if (choice.value === "branches") choice.disabled = !canTune;
    });
    element("left-box", HTMLElement).hidden = source.kind !== "job";
    button("play").disabled = source.kind === "picture";
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
  showFrame({ index, seconds }) {
    const total = this.#source?.frames;
    setText("frame", total ? `${index + 1} / ${total}` : String(index + 1));
    if (this.#isSeeking) return;
    setText("time", formatTime(seconds));
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
