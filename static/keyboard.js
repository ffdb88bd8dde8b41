// @ts-check
/** @import { Panel } from "./panel.js" */
/** @import { Stage } from "./stage.js" */
import { button } from "./elements.js";

/**
 * Keyboard shortcuts, except keys that the focused control handles itself.
 *
 * @param {Stage} stage
 * @param {Panel} panel
 * @param {(view: string) => void} setView
 */
export function listenToKeys(stage, panel, setView) {
  const pan = (/** @type {number} */ x, /** @type {number} */ y) => {
    stage.viewport.panBy(x, y);
    stage.changed();
  };
  /** @type {Record<string, () => void>} */
  const actions = {
    " ": () => panel.togglePlay(),
    k: () => panel.togglePlay(),
    ArrowLeft: () => panel.step(-1),
    ArrowRight: () => panel.step(1),
    "1": () => setView("divider"),
    "2": () => setView("pair"),
    "3": () => setView("branches"),
    "0": () => button("zoom-fit").click(),
    z: () => button(stage.viewport.isFitted ? "zoom-one" : "zoom-fit").click(),
    "+": () => button("zoom-in").click(),
    "=": () => button("zoom-in").click(),
    "-": () => button("zoom-out").click(),
    s: () => button("save").click(),
  };
  /** @type {Record<string, () => void>} */
  const shifted = {
    ArrowLeft: () => pan(60, 0),
    ArrowRight: () => pan(-60, 0),
    ArrowUp: () => pan(0, 60),
    ArrowDown: () => pan(0, -60),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target instanceof HTMLSelectElement) return;
    if (target instanceof HTMLInputElement && event.key.startsWith("Arrow")) return;
    if (target instanceof HTMLButtonElement && event.key === " ") return;
    const action = event.shiftKey ? shifted[event.key] ?? actions[event.key] : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
