// @ts-check
/** @import { KeyAction } from "./keys.js" */
/** @import { Stage } from "./stage.js" */
import { button, element } from "./elements.js";
import { recall, remember } from "./remembered.js";

const PAN_PIXELS = 60;

/**
 * How the pictures are looked at: view, zoom, flip, full screen, dark and light. View and theme are remembered.
 *
 * @param {Stage} stage
 * @param {(branches: boolean) => void} onBranches Called with whether the branch pictures are shown.
 * @returns {Record<Exclude<KeyAction, "help" | "play" | "back" | "forward" | "in" | "out" | "clear" | "loop" | "save">, () => void>} What keys do.
 */
export function listenToLooks(stage, onBranches) {
  /** @param {string} view */
  const setView = (view) => {
    const choice = document.querySelector(`input[name="view"][value="${view}"]`);
    if (!(choice instanceof HTMLInputElement) || choice.disabled) return;
    choice.checked = true;
    const hadBranches = document.body.dataset.view === "branches";
    document.body.dataset.view = view;
    remember({ view });
    setFlip(stage, "all");
    stage.layOut();
    if (hadBranches || view === "branches") onBranches(view === "branches");
  };
  element("views", HTMLElement).addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) setView(target.value);
  });
  const view = recall("view");
  if (view !== undefined) setView(view);
  const actions = {
    divider: () => setView("divider"),
    pair: () => setView("pair"),
    branches: () => setView("branches"),
    flip: () => {
      if (document.body.dataset.view !== "divider") setView("divider");
      setFlip(stage, stage.flipped === "result" ? "blurry" : "result");
    },
    full: () => void toggleFullScreen(),
    ...listenToZoom(stage),
  };
  button("flip").addEventListener("click", actions.flip);
  button("full").addEventListener("click", actions.full);
  element("divider", HTMLElement).addEventListener("focus", () => setFlip(stage, "all"));
  element("stage", HTMLElement).addEventListener("pointerdown", () => setFlip(stage, "all"));
  listenToTheme();
  return actions;
}

/** @param {Stage} stage @param {"all" | "blurry" | "result"} what */
function setFlip(stage, what) {
  stage.flipped = what;
  document.body.dataset.flip = what;
  button("flip").setAttribute("aria-pressed", String(what === "blurry"));
}

/** @param {Stage} stage */
function listenToZoom(stage) {
  /** @param {(scale: number) => number} change Of device pixels per pixel of the picture. */
  const zoom = (change) => {
    stage.viewport.zoomTo(change(stage.viewport.scale * devicePixelRatio) / devicePixelRatio);
    stage.changed();
  };
  /** @param {number} x @param {number} y */
  const pan = (x, y) => {
    stage.viewport.panBy(x * PAN_PIXELS, y * PAN_PIXELS);
    stage.changed();
  };
  const fit = () => {
    stage.viewport.fit();
    stage.changed();
  };
  const actions = {
    zoomIn: () => zoom((scale) => scale * 1.5),
    zoomOut: () => zoom((scale) => scale / 1.5),
    fit,
    one: () => stage.viewport.isFitted ? zoom(() => 1) : fit(),
    panLeft: () => pan(1, 0),
    panRight: () => pan(-1, 0),
    panUp: () => pan(0, 1),
    panDown: () => pan(0, -1),
  };
  button("zoom-in").addEventListener("click", actions.zoomIn);
  button("zoom-out").addEventListener("click", actions.zoomOut);
  button("zoom-one").addEventListener("click", () => zoom(() => 1));
  button("zoom-fit").addEventListener("click", fit);
  return actions;
}

async function toggleFullScreen() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await element("stage", HTMLElement).requestFullscreen();
  } catch {
    // Not every browser lets a page fill the screen, a telephone's least of all.
  }
}

function listenToTheme() {
  const { dataset } = document.documentElement;
  const known = recall("theme");
  if (known === "dark" || known === "light") dataset.theme = known;
  button("theme").addEventListener("click", () => {
    const isDark = dataset.theme
      ? dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    dataset.theme = isDark ? "light" : "dark";
    remember({ theme: isDark ? "light" : "dark" });
  });
}
