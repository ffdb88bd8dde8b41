// @ts-check
/**
 * Where in the picture a viewer looks, and how large. One viewport serves every pane, which is what keeps them in
 * step. No DOM, so that it can be tested anywhere. Lengths are CSS pixels, positions are pixels of the picture.
 *
 * @module
 */

/** @import { Rectangle } from "./frame_message.js" */
/** @typedef {{ readonly width: number, readonly height: number }} Size */

const LARGEST_SCALE = 16;
/** Seeing more of the picture than this, all of it is restored: that makes panning free. */
const WHOLE_ABOVE = 0.8;

export class Viewport {
  /** Whether the whole picture is fitted into the pane. */
  isFitted = true;
  /** CSS pixels per pixel of the picture; read it through `scale`. */
  #scale = 1;
  /** @type {{ x: number, y: number }} The picture's point in the middle of the pane. */
  #centre = { x: 0, y: 0 };
  /** @type {Size} */
  #picture = { width: 0, height: 0 };
  /** @type {Size} */
  #pane = { width: 1, height: 1 };

  /** @param {Size} picture A picture of another size is shown whole. */
  setPicture(picture) {
    if (picture.width === this.#picture.width && picture.height === this.#picture.height) return;
    this.#picture = picture;
    this.fit();
  }

  /** @param {Size} pane */
  setPane(pane) {
    this.#pane = { width: Math.max(1, pane.width), height: Math.max(1, pane.height) };
    this.#settle();
  }

  fit() {
    this.isFitted = true;
    this.#centre = { x: this.#picture.width / 2, y: this.#picture.height / 2 };
  }

  /** CSS pixels per pixel of the picture. */
  get scale() {
    return this.isFitted ? this.#fittingScale() : this.#scale;
  }

  /**
   * @param {number} scale
   * @param {{ x: number, y: number }} [at] Point of the pane that stays where it is. Default: its middle.
   */
  zoomTo(scale, at = { x: this.#pane.width / 2, y: this.#pane.height / 2 }) {
    const before = this.toPicture(at);
    const fitting = this.#fittingScale();
    this.#scale = Math.min(LARGEST_SCALE, Math.max(scale, Math.min(fitting, 1)));
    // A picture smaller than the pane may be shown smaller than fitted, a larger one has no use for that.
    this.isFitted = fitting <= 1 && this.#scale <= fitting;
    const offset = { x: at.x - this.#pane.width / 2, y: at.y - this.#pane.height / 2 };
    this.#centre = { x: before.x - offset.x / this.scale, y: before.y - offset.y / this.scale };
    this.#settle();
  }

  /** @param {number} dx @param {number} dy How far the picture moves, in CSS pixels. */
  panBy(dx, dy) {
    this.#centre = { x: this.#centre.x - dx / this.scale, y: this.#centre.y - dy / this.scale };
    this.#settle();
  }

  /** @param {{ x: number, y: number }} point Of the pane. */
  toPicture(point) {
    const { left, top } = this.frame();
    return { x: (point.x - left) / this.scale, y: (point.y - top) / this.scale };
  }

  /** Where the whole picture lies in the pane, in CSS pixels. */
  frame() {
    const { scale } = this;
    const width = this.#picture.width * scale;
    const height = this.#picture.height * scale;
    const centre = this.isFitted ? { x: this.#picture.width / 2, y: this.#picture.height / 2 } : this.#centre;
    return {
      left: this.#pane.width / 2 - centre.x * scale,
      top: this.#pane.height / 2 - centre.y * scale,
      width,
      height,
    };
  }

  /**
   * The part of the picture in view, or `null` when that is all or nearly all of it.
   *
   * @returns {Rectangle | null}
   */
  region() {
    const { width, height } = this.#picture;
    const from = this.toPicture({ x: 0, y: 0 });
    const to = this.toPicture({ x: this.#pane.width, y: this.#pane.height });
    const x = Math.max(0, Math.floor(from.x));
    const y = Math.max(0, Math.floor(from.y));
    const right = Math.min(width, Math.ceil(to.x));
    const bottom = Math.min(height, Math.ceil(to.y));
    if ((right - x) * (bottom - y) >= WHOLE_ABOVE * width * height || right <= x || bottom <= y) return null;
    return { x, y, width: right - x, height: bottom - y };
  }

  #fittingScale() {
    const { width, height } = this.#picture;
    if (width === 0 || height === 0) return 1;
    return Math.min(this.#pane.width / width, this.#pane.height / height);
  }

  /** Keeps the picture over the pane, or in its middle where it is smaller. */
  #settle() {
    const within = (
      /** @type {number} */ centre,
      /** @type {number} */ length,
      /** @type {number} */ pane,
    ) => {
      const half = pane / this.scale / 2;
      return half * 2 >= length ? length / 2 : Math.min(length - half, Math.max(half, centre));
    };
    this.#centre = {
      x: within(this.#centre.x, this.#picture.width, this.#pane.width),
      y: within(this.#centre.y, this.#picture.height, this.#pane.height),
    };
  }
}
