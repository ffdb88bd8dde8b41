// @ts-check
/** @import { Region } from "../src/crop_picture.ts" */
/** @import { Stage } from "./stage.js" */
import { button, element, input } from "./elements.js";

const FIELDS = /** @type {const} */ (["x", "y", "width", "height"]);

/** The part of the picture that is restored and written: drawn on the picture, or typed. */
export class CropFrame {
  /** @type {Region | null} */
  #crop = null;
  /** @type {{ readonly width: number, readonly height: number }} */
  #size = { width: 0, height: 0 };
  /** @type {{ x: number, y: number } | undefined} Where drawing began. */
  #from;
  #stage;
  #onChange;
  #layer = element("crop-layer", HTMLElement);

  /** @param {Stage} stage @param {(crop: Region | null) => void} onChange */
  constructor(stage, onChange) {
    this.#stage = stage;
    this.#onChange = onChange;
    button("crop-draw").addEventListener("click", () => this.#setDrawing(!this.isDrawing));
    button("crop-clear").addEventListener("click", () => this.#set(null));
    for (const name of FIELDS) input(`crop-${name}`).addEventListener("change", () => this.#setTyped());
    this.#listen();
  }

  /** In pixels as displayed; `null` for the whole picture. */
  get crop() {
    return this.#crop;
  }

  get isDrawing() {
    return button("crop-draw").getAttribute("aria-pressed") === "true";
  }

  /** Takes the whole picture of another source. @param {{ readonly width: number, readonly height: number }} size @param {boolean} isOther @param {boolean} canCrop */
  show({ width, height }, isOther, canCrop) {
    this.#size = { width, height };
    if (isOther) this.#crop = null;
    for (const name of FIELDS) {
      const most = { x: width - 1, y: height - 1, width, height }[name];
      input(`crop-${name}`).max = String(most);
      input(`crop-${name}`).disabled = !canCrop;
    }
    button("crop-draw").disabled = !canCrop;
    this.#setDrawing(false);
    this.draw();
  }

  /** Draws the frame again, after the picture moved. */
  draw() {
    const crop = this.#crop;
    button("crop-clear").disabled = crop === null;
    const shown = crop ?? { x: 0, y: 0, ...this.#size };
    for (const name of FIELDS) {
      const field = input(`crop-${name}`);
      if (document.activeElement !== field) field.value = String(shown[name]);
    }
    const box = element("crop-box", HTMLElement);
    box.hidden = crop === null;
    if (crop === null) return;
    const { left, top, width, height } = this.#stage.viewport.place(crop);
    Object.assign(box.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  }

  /** @param {boolean} isDrawing */
  #setDrawing(isDrawing) {
    button("crop-draw").setAttribute("aria-pressed", String(isDrawing));
    this.#layer.classList.toggle("drawing", isDrawing);
  }

  #listen() {
    const at = (/** @type {PointerEvent} */ event) => this.#stage.toPane(event);
    this.#layer.addEventListener("pointerdown", (event) => {
      if (!this.isDrawing || event.button !== 0) return;
      event.preventDefault();
      this.#layer.setPointerCapture(event.pointerId);
      this.#from = at(event);
    });
    this.#layer.addEventListener("pointermove", (event) => {
      if (this.#from === undefined) return;
      this.#crop = this.#stage.viewport.between(this.#from, at(event));
      this.draw();
    });
    this.#layer.addEventListener("pointerup", () => {
      if (this.#from === undefined) return;
      this.#from = undefined;
      this.#setDrawing(false);
      this.#set(this.#crop);
    });
    this.#layer.addEventListener("pointercancel", () => this.#from = undefined);
  }

  #setTyped() {
    const [x = 0, y = 0, width = 0, height = 0] = FIELDS.map((name) =>
      Math.round(Number(input(`crop-${name}`).value))
    );
    const { width: most, height: highest } = this.#size;
    const [left, top] = [clamp(x, 0, most - 1), clamp(y, 0, highest - 1)];
    this.#set({
      x: left,
      y: top,
      width: clamp(width, 1, most - left),
      height: clamp(height, 1, highest - top),
    });
  }

  /** @param {Region | null} crop */
  #set(crop) {
    const { width, height } = this.#size;
    const isWhole = crop !== null && crop.width === width && crop.height === height;
    this.#crop = isWhole ? null : crop;
    this.draw();
    this.#onChange(this.#crop);
  }
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.min(most, Math.max(least, Number.isFinite(value) ? value : least));
}
