// @ts-check
/**
 * The visible part of the picture and its scale, shared by all panes. It does not use the DOM. Lengths are in CSS pixels,
 * positions in pixels of the picture.
 *
 * @module
 */

/** @import { Region } from "../src/crop_picture.ts" */
/** @typedef {{ readonly width: number, readonly height: number }} Size */

const LARGEST_SCALE = 16;
/** If more than this share of the picture is visible, all of it is restored, so that panning needs no new frame. */
const WHOLE_ABOVE = 0.8;

export class Viewport {
  /** Whether the whole picture is fitted into the pane. */
  isFitted = true;
  /** CSS pixels per pixel of the picture, unless it is fitted; read `scale` instead. */
  #scale = 1;
  /** @type {{ x: number, y: number }} Position in the middle of the pane. */
  #centre = { x: 0, y: 0 };
  /** @type {Size} */
  #picture = { width: 0, height: 0 };
  /** @type {Size} */
  #pane = { width: 1, height: 1 };

  /** @param {Size} picture A picture of another size than the last is fitted into the pane. */
  setPicture(picture) {
    if (picture.width === this.#picture.width && picture.height === this.#picture.height) return;
    this.#picture = picture;
    this.fit();
  }

  /** @param {Size} pane */
  setPane(pane) {
    this.#pane = { width: Math.max(1, pane.width), height: Math.max(1, pane.height) };
    this.#clamp();
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
   * @param {{ x: number, y: number }} [at] Point of the pane that stays where it is. @default its middle
   */
  zoomTo(scale, at = { x: this.#pane.width / 2, y: this.#pane.height / 2 }) {
    const before = this.toPicture(at);
    const fitting = this.#fittingScale();
    this.#scale = Math.min(LARGEST_SCALE, Math.max(scale, Math.min(fitting, 1)));
    // A picture smaller than the pane may be shown smaller than fitted, but a larger one may not.
    this.isFitted = fitting <= 1 && this.#scale <= fitting;
    const offset = { x: at.x - this.#pane.width / 2, y: at.y - this.#pane.height / 2 };
    this.#centre = { x: before.x - offset.x / this.scale, y: before.y - offset.y / this.scale };
    this.#clamp();
  }

  /** @param {number} dx @param {number} dy Distance that the picture moves, in CSS pixels. */
  panBy(dx, dy) {
    this.#centre = { x: this.#centre.x - dx / this.scale, y: this.#centre.y - dy / this.scale };
    this.#clamp();
  }

  /** @param {{ x: number, y: number }} point Of the pane. */
  toPicture(point) {
    const { left, top } = this.frame();
    return { x: (point.x - left) / this.scale, y: (point.y - top) / this.scale };
  }

  /** Position and size of the whole picture in the pane, in CSS pixels. */
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
   * The visible part of the picture; `null` if it is all or nearly all of it.
   *
   * @returns {Region | null}
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

  /** Keeps the picture covering the pane, or in its middle where it is smaller. */
  #clamp() {
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
