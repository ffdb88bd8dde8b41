// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** @import { ClientMessage, ServerMessage, SourceDescription } from "../src/server/protocol.ts" */
/** @import { FrameMessage } from "./frame_message.js" */
import { Bench } from "./bench.js";
import { Connection } from "./connection.js";
import { CropFrame } from "./crop_frame.js";
import { button, element, setText } from "./elements.js";
import { listenToGestures } from "./gestures.js";
import { listenToKeys } from "./keyboard.js";
import { Loop } from "./loop.js";
import { listenToLooks } from "./looks.js";
import { Notice } from "./notice.js";
import { Panel, throttled } from "./panel.js";
import { RangeMarks } from "./range_marks.js";
import { recall, remember } from "./remembered.js";
import { savePair } from "./save_pair.js";
import { Stage } from "./stage.js";
import { Thumbnails } from "./thumbnails.js";
import { takeToken } from "./token.js";
import { Tuning } from "./tuning.js";

/** Frames requested ahead: one is restored while another is painted. */
const CREDIT = 2;

/** @type {SourceDescription | undefined} */
let source;
/** Where to continue after the connection was lost, or the page was loaded again. */
let position = { id: recall("source") ?? "", seconds: recall("seconds") ?? 0, isPlaying: false };
/** How the source on show ended, if there is something to know of that: the server may be gone then, and that is no trouble. */
let hasEnded = false;
/** What is remembered of preset, device and detail is asked for once; from then on the server knows. */
let isGreeted = false;
/** Whether the source that was asked for has not come yet: what still comes is of another one. */
let isOpening = false;
const tuning = new Tuning();
/** What was set when the loop was asked for. */
let loopTuning = "";

/** @param {ClientMessage} message */
function send(message) {
  if (message.type === "settings") tuning.ask(message);
  connection.send(message);
}

const root = element("stage", HTMLElement);
const stage = new Stage(root, () => {
  setText("zoom", `${Math.round(stage.viewport.scale * devicePixelRatio * 100)} %`);
  button("zoom-fit").setAttribute("aria-pressed", String(stage.viewport.isFitted));
  const isOne = Math.abs(stage.viewport.scale * devicePixelRatio - 1) < 1e-3;
  button("zoom-one").setAttribute("aria-pressed", String(isOne && !stage.viewport.isFitted));
  crop.draw();
  sendRegion();
});
const crop = new CropFrame(stage, (crop) => send({ type: "settings", crop }));
const marks = new RangeMarks(() => position.seconds, (range) => send({ type: "settings", range }));
const connection = new Connection(takeToken(), {
  onMessage,
  onFrame,
  onTrouble: (trouble, seconds) => {
    loop.leave();
    if (hasEnded && trouble !== "refused") return;
    const again = seconds < 1 ? "Trying again" : `Trying again in ${Math.round(seconds)} s`;
    if (trouble === "refused") {
      notice.show(
        "refused",
        "The server was restarted, or the address lacks its end. Open the address that it printed.",
      );
    } else if (trouble === "full") notice.show("full", `It has as many viewers as it takes. ${again}`);
    else if (trouble === "closed") notice.show("reconnecting", again, "The server was shut down");
    else notice.show("reconnecting", again);
  },
});
const notice = new Notice(() => {
  if (notice.phase === "error") open(position.id, position.seconds);
  else connection.open();
});
const panel = new Panel((message) => {
  if (["play", "pause", "seek", "step"].includes(message.type)) loop.leave();
  send(message);
}, (id) => open(id, 0));
const loop = new Loop({
  range: () => marks.range,
  request: (isOn, id) => {
    loopTuning = JSON.stringify(tuning.now);
    send({ type: "loop", isOn, id });
  },
  show: (frame) => show(frame),
  warn: say,
});
const thumbnails = new Thumbnails((path) => connection.fetch(path));
const bench = new Bench({
  connection,
  tuning: () => ({ ...tuning.now, range: marks.range, crop: crop.crop }),
  open: (id) => open(id, 0),
  say,
});

let region = "null";
const sendRegion = throttled(() => {
  if (loop.isOn) return; // its frames are gathered as they were in view
  const now = stage.viewport.region();
  if (JSON.stringify(now) === region) return;
  region = JSON.stringify(now);
  send({ type: "settings", region: now });
});

/** @param {ServerMessage} message */
function onMessage(message) {
  switch (message.type) {
    case "hello":
      return greet(message);
    case "sources":
      return panel.showSources(message.sources, message.passedOver);
    case "jobs":
      return bench.showJobs(message.jobs);
    case "ticket":
      return location.assign(message.url); // an attachment: the page stays
    case "started":
      return say("The job was added to the list");
    case "work":
      return showWork(message.share);
    case "source":
      return showSource(message.source);
    case "state":
      return showState(message);
    case "settings":
      return showSettings(message.settings);
    case "stats":
      return panel.showStats(message);
    case "error":
      return say(message.message);
  }
}

/** @param {Extract<ServerMessage, { type: "hello" }>} message */
function greet(message) {
  hasEnded = false;
  const before = tuning.now;
  tuning.begin(message.settings);
  panel.greet(message);
  bench.greet(message);
  connection.send({ type: "credit", frames: CREDIT });
  sendSettings(message, before);
  const known = message.sources.find(({ id }) => id === position.id) ?? message.sources[0];
  const isJob = /^job-/.test(position.id) && message.mode === "files";
  if (!known && !isJob) {
    const canSend = message.workbench !== null;
    const what = canSend
      ? "Drop a video or a picture here, or add one under Files and jobs."
      : message.passedOver;
    return notice.show("paused", what, "Nothing to show yet");
  }
  const id = isJob ? position.id : known?.id ?? "";
  open(id, id === position.id ? position.seconds : 0);
}

/** @param {SourceDescription} next */
function showSource(next) {
  if (next.id !== position.id) return; // another was asked for since
  const isOther = next.id !== source?.id;
  source = next;
  const { width, height, pixelAspect } = next;
  stage.viewport.setPicture({ width, height }, pixelAspect);
  if (isOpening && position.isPlaying) send({ type: "play" });
  isOpening = false;
  panel.showSource(next);
  marks.show(next);
  crop.show(next, isOther, next.canTune && next.kind !== "live");
  bench.showSource(next);
  void thumbnails.show(next);
}

/** @param {Extract<ServerMessage, { type: "state" }>} message */
function showState({ state, message = "", outcome, loop: id }) {
  panel.showPlaying(state === "playing");
  if (!isOpening && state !== "loading") position.isPlaying = state === "playing";
  hasEnded = state === "ended" && outcome !== undefined;
  if (state === "error") {
    panel.clear();
    stage.clear();
    document.body.toggleAttribute("data-has-picture", false);
  }
  if (state === "rendered") loop.gathered(id);
  else if (state === "error") loop.leave(); // "paused" may answer what was asked before the loop
  if (hasEnded && outcome) return notice.showEnd(outcome, message);
  notice.show(state, message);
}

/** @param {Extract<ServerMessage, { type: "settings" }>["settings"]} settings */
function showSettings(settings) {
  tuning.answer(settings);
  panel.showSettings({ ...settings, ...tuning.now });
  const { preset, device, detail, everywhere } = tuning.known;
  remember({ tuning: { preset, device, detail, everywhere } });
  if (loop.isOn && JSON.stringify(tuning.now) !== loopTuning) loop.start();
}

/** @param {FrameMessage} frame */
async function onFrame(frame) {
  if (frame.stage === "saved") return await savePair(frame, source?.name ?? "preview");
  if (frame.stage === "blurry") return loop.isOn || isOpening ? undefined : await show(frame);
  try {
    if (isOpening) return;
    loop.take(frame);
    if (!loop.isPlaying) await show(frame);
  } finally {
    connection.send({ type: "credit", frames: 1, painted: frame.sequence });
  }
}

/** @param {FrameMessage} frame */
async function show(frame) {
  if (!await stage.show(frame)) return;
  document.body.toggleAttribute("data-has-picture", true);
  element("work", HTMLElement).hidden = frame.stage === "restored";
  position.seconds = frame.seconds;
  rememberPosition();
  panel.showFrame(frame);
}

const rememberPosition = throttled(() => remember({ source: position.id, seconds: position.seconds }));

/** Shows how much of a frame is restored. @param {number | null} share */
function showWork(share) {
  if (isOpening) return;
  element("work", HTMLElement).hidden = false;
  const bar = element("work-bar", HTMLProgressElement);
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
  setText("work-text", share === null ? "Restoring" : `Restoring, ${Math.round(100 * share)} %`);
}

/** @param {string} id @param {number} seconds */
function open(id, seconds) {
  loop.leave();
  hasEnded = false;
  element("work", HTMLElement).hidden = true;
  const isOther = id !== source?.id;
  const hasPart = marks.range !== null || crop.crop !== null;
  if (isOther) {
    forgetSource();
    document.body.toggleAttribute("data-has-picture", false);
  }
  position = { id, seconds, isPlaying: id === position.id && position.isPlaying };
  isOpening = true;
  rememberPosition();
  send({ type: "open", source: id, ...(seconds > 0 ? { seconds } : {}) });
  if (isOther && hasPart) send({ type: "settings", range: null, crop: null }); // they were parts of the other one
}

/** Nothing that the page offers may be done to a source that is not the one asked for, which may never come. */
function forgetSource() {
  source = undefined;
  stage.clear();
  panel.clear();
  marks.show(undefined);
  crop.show({ width: 0, height: 0 }, true, false);
  bench.showSource(undefined);
  void thumbnails.show(undefined);
}

/**
 * Sends the page's settings to a new connection: what was remembered of an earlier visit, or what was set in this one.
 *
 * @param {Extract<ServerMessage, { type: "hello" }>} hello
 * @param {typeof tuning.now} before What was set in the connection before.
 */
function sendSettings({ mode, presets, devices, settings }, before) {
  const known = isGreeted ? before : recall("tuning") ?? settings;
  isGreeted = true;
  const branches = document.body.dataset.view === "branches";
  const now = stage.viewport.region();
  region = JSON.stringify(now);
  const preset = presets.includes(known.preset) ? known.preset : settings.preset;
  const device = devices.some(({ name }) => name === known.device) ? known.device : settings.device;
  const chosen = mode === "job" ? {} : { preset, device, detail: known.detail, everywhere: known.everywhere };
  send({ type: "settings", ...chosen, branches, region: now, range: marks.range, crop: crop.crop });
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;

/** Shows a short message; the picture stays. @param {string} text */
function say(text) {
  clearTimeout(silence);
  const toast = element("toast", HTMLElement);
  toast.textContent = text;
  toast.hidden = false;
  silence = setTimeout(() => toast.hidden = true, 6000);
}

const looks = listenToLooks(stage, (branches) => send({ type: "settings", branches }));
listenToGestures(root, element("divider", HTMLElement), stage);
listenToKeys({
  ...looks,
  play: () => loop.isOn ? loop.stop() : panel.togglePlay(),
  back: () => panel.step(-1),
  forward: () => panel.step(1),
  in: () => marks.markIn(),
  out: () => marks.markOut(),
  clear: () => marks.clear(),
  loop: () => loop.toggle(),
  save: () => button("save").click(),
});
