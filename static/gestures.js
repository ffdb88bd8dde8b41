// @ts-check
/** @import { Stage } from "./stage.js" */

/** CSS pixels that a finger has to move before it is not just lying there. */
const SLOP = 6;

/**
 * Mouse, pen, touch and wheel on the stage: one pointer pans, or moves the divider if the picture is fitted; two pointers
 * and the wheel zoom; the divider's handle always moves the divider, with the keyboard too.
 *
 * @param {HTMLElement} element
 * @param {HTMLElement} divider
 * @param {Stage} stage
 */
export function listenToGestures(element, divider, stage) {
  /** @type {Map<number, PointerEvent>} */
  const pointers = new Map();
  /** @type {"split" | "wait" | "pan" | undefined} `wait`: it will move the divider, unless a second finger comes first. */
  let action;
  /** Where the divider was before the first pointer came. */
  let splitBefore = stage.split;

  const announce = () => {
    const percent = Math.round(stage.split * 100);
    divider.setAttribute("aria-valuenow", String(percent));
    divider.setAttribute("aria-valuetext", `${percent} % blurry, ${100 - percent} % restored`);
  };
  const splitAt = (/** @type {PointerEvent} */ event) => {
    stage.split = stage.shareAt(event.clientX - element.getBoundingClientRect().left);
    announce();
  };

  element.addEventListener("pointerdown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.button !== 0 || target.closest("#notice > div, #crop-layer")) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    if (pointers.size > 1) {
      // Two fingers zoom: what the first of them did to the divider was not meant.
      if (action === "split") stage.split = splitBefore;
      announce();
      action = "pan";
      return;
    }
    splitBefore = stage.split;
    const hasDivider = document.body.dataset.view === "divider";
    const isOnDivider = divider.contains(target);
    action = hasDivider && (isOnDivider || stage.viewport.isFitted) ? "wait" : "pan";
    if (action === "wait" && event.pointerType === "mouse") {
      action = "split";
      splitAt(event);
    }
    if (isOnDivider) divider.focus({ preventScroll: true });
    element.classList.toggle("panning", action === "pan");
  });

  element.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    if (action === "wait") {
      if (Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < SLOP) return;
      action = "split";
    }
    if (pointers.size === 2) pinch(stage, pointers, before, event);
    else if (action === "split") splitAt(event);
    else {
      stage.viewport.panBy(event.clientX - before.clientX, event.clientY - before.clientY);
      stage.changed();
    }
    pointers.set(event.pointerId, event);
  });

  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    element.addEventListener(end, (event) => {
      if (action === "wait" && end === "pointerup") splitAt(event);
      pointers.delete(event.pointerId);
      if (pointers.size === 0) element.classList.remove("panning");
      else action = "pan";
    });
  }

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002));
    stage.viewport.zoomTo(stage.viewport.scale * factor, stage.toPane(event));
    stage.changed();
  }, { passive: false });

  divider.addEventListener("keydown", (event) => {
    const by = event.shiftKey ? 0.1 : 0.01;
    /** @type {Record<string, number>} */
    const targets = {
      ArrowLeft: stage.split - by,
      ArrowDown: stage.split - by,
      ArrowRight: stage.split + by,
      ArrowUp: stage.split + by,
      PageDown: stage.split - 0.1,
      PageUp: stage.split + 0.1,
      Home: 0,
      End: 1,
    };
    const share = targets[event.key];
    if (share === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    stage.split = share;
    announce();
  });
  announce();
}

/**
 * @param {Stage} stage
 * @param {Map<number, PointerEvent>} pointers
 * @param {PointerEvent} before Of the pointer that moved.
 * @param {PointerEvent} after
 */
function pinch(stage, pointers, before, after) {
  const other = [...pointers.values()].find(({ pointerId }) => pointerId !== after.pointerId);
  if (!other) return;
  const apart = (/** @type {PointerEvent} */ a) =>
    Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
  stage.viewport.panBy((after.clientX - before.clientX) / 2, (after.clientY - before.clientY) / 2);
  const factor = apart(after) / Math.max(1, apart(before));
  stage.viewport.zoomTo(stage.viewport.scale * factor, stage.toPane(after));
  stage.changed();
}
