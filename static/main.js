// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** @import { ServerMessage, SourceDescription } from "../src/server/protocol.ts" */
/** @import { FrameMessage } from "./frame_message.js" */
import { Connection } from "./connection.js";
import { button, element, setText } from "./elements.js";
import { listenToGestures } from "./gestures.js";
import { listenToKeys } from "./keyboard.js";
import { Notice } from "./notice.js";
import { Panel, throttled } from "./panel.js";
import { savePair } from "./save_pair.js";
import { Stage } from "./stage.js";

/** Frames requested ahead: one is restored while another is painted. */
const CREDIT = 2;

/** @type {SourceDescription | undefined} */
let source;
/** Where to continue after the connection was lost. */
let position = { id: "", seconds: 0, isPlaying: false };

const root = element("stage", HTMLElement);
const stage = new Stage(root, () => {
  setText("zoom", `${Math.round(stage.viewport.scale * devicePixelRatio * 100)} %`);
  button("zoom-fit").setAttribute("aria-pressed", String(stage.viewport.isFitted));
  const isOne = Math.abs(stage.viewport.scale * devicePixelRatio - 1) < 1e-3;
  button("zoom-one").setAttribute("aria-pressed", String(isOne && !stage.viewport.isFitted));
  sendRegion();
});
const connection = new Connection(new URLSearchParams(location.search).get("token") ?? "", {
  onMessage,
  onFrame,
  onLost: (seconds) => {
    const text = seconds < 1 ? "Trying again" : `Trying again in ${Math.round(seconds)} s`;
    notice.show("reconnecting", text);
  },
  onRefused: () => notice.show("refused", "The server was restarted. Open the address that it printed."),
});
const notice = new Notice(() => {
  if (notice.phase === "error") open(position.id, position.seconds);
  else connection.open();
});
const panel = new Panel((message) => connection.send(message), (id) => open(id, 0));

let region = "null";
const sendRegion = throttled(() => {
  const now = stage.viewport.region();
  if (JSON.stringify(now) === region) return;
  region = JSON.stringify(now);
  connection.send({ type: "settings", region: now });
});

/** @param {ServerMessage} message */
function onMessage(message) {
  switch (message.type) {
    case "hello": {
      panel.greet(message);
      connection.send({ type: "credit", frames: CREDIT });
      const known = message.sources.find(({ id }) => id === position.id) ?? message.sources[0];
      if (!known) {
        return notice.show("error", "There are no videos and no pictures in this folder.", "Nothing to show");
      }
      if (known.id !== position.id) return open(known.id, 0);
      sendSettings();
      return open(known.id, position.seconds);
    }
    case "source":
      source = message.source;
      if (position.isPlaying) connection.send({ type: "play" });
      return panel.showSource(source);
    case "state":
      panel.showPlaying(message.state === "playing");
      if (message.state !== "loading") position.isPlaying = message.state === "playing";
      return notice.show(message.state, message.message ?? "");
    case "settings":
      return panel.showSettings(message.settings);
    case "stats":
      return panel.showStats(message);
    case "error":
      return warn(message.message);
  }
}

/** @param {FrameMessage} frame */
async function onFrame(frame) {
  if (frame.saved) return await savePair(frame, source?.name ?? "preview");
  try {
    await stage.show(frame);
    document.body.toggleAttribute("data-has-picture", true);
    position.seconds = frame.seconds;
    panel.showFrame(frame);
  } finally {
    connection.send({ type: "credit", frames: 1, painted: frame.sequence });
  }
}

/** @param {string} id @param {number} seconds */
function open(id, seconds) {
  if (id !== position.id) {
    stage.clear();
    document.body.toggleAttribute("data-has-picture", false);
    position = { id, seconds, isPlaying: false };
  }
  connection.send({ type: "open", source: id, ...(seconds > 0 ? { seconds } : {}) });
}

/** Sends the page's settings to a new connection. */
function sendSettings() {
  const detail = Number(element("detail", HTMLInputElement).value);
  const branches = document.body.dataset.view === "branches";
  connection.send({ type: "settings", detail, branches, region: stage.viewport.region() });
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let warning;

/** Shows why a request was refused; the picture stays. @param {string} text */
function warn(text) {
  clearTimeout(warning);
  const toast = element("toast", HTMLElement);
  toast.textContent = text;
  toast.hidden = false;
  warning = setTimeout(() => toast.hidden = true, 6000);
}

/** @param {string} view */
function setView(view) {
  const choice = document.querySelector(`input[name="view"][value="${view}"]`);
  if (!(choice instanceof HTMLInputElement) || choice.disabled) return;
  choice.checked = true;
  const hadBranches = document.body.dataset.view === "branches";
  document.body.dataset.view = view;
  stage.layOut();
  if (hadBranches || view === "branches") {
    connection.send({ type: "settings", branches: view === "branches" });
  }
}

/** @param {(scale: number) => number} change Of device pixels per pixel of the picture. */
function zoom(change) {
  stage.viewport.zoomTo(change(stage.viewport.scale * devicePixelRatio) / devicePixelRatio);
  stage.changed();
}

element("views", HTMLElement).addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement) setView(target.value);
});
button("zoom-in").addEventListener("click", () => zoom((scale) => scale * 1.5));
button("zoom-out").addEventListener("click", () => zoom((scale) => scale / 1.5));
button("zoom-one").addEventListener("click", () => zoom(() => 1));
button("zoom-fit").addEventListener("click", () => {
  stage.viewport.fit();
  stage.changed();
});
button("theme").addEventListener("click", () => {
  const { dataset } = document.documentElement;
  const isDark = dataset.theme
    ? dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.theme = isDark ? "light" : "dark";
});
listenToGestures(root, element("divider", HTMLElement), stage);
listenToKeys(stage, panel, setView);
