// @ts-check
/**
 * The visible part of the picture and its scale, shared by all panes. It does not use the DOM. Lengths are in CSS pixels,
 * positions in pixels of the picture as it is looked at: as high as they are wide, though those of the file may not be.
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
  /** Width of the file's pixels to their height. */
  #aspect = 1;
  /** CSS pixels per pixel of the picture, unless it is fitted; read `scale` instead. */
  #scale = 1;
  /** @type {{ x: number, y: number }} Position in the middle of the pane. */
  #centre = { x: 0, y: 0 };
  /** @type {Size} */
  #picture = { width: 0, height: 0 };
  /** @type {Size} */
  #pane = { width: 1, height: 1 };

  /** Width of the file's pixels to their height. */
  get aspect() {
    return this.#aspect;
  }

  /**
   * @param {Size} size In pixels of the file. A picture of another size than the last is fitted into the pane.
   * @param {number} [aspect] Width of those pixels to their height.
   */
  setPicture(size, aspect = this.#aspect) {
    const picture = { width: size.width * aspect, height: size.height };
    this.#aspect = aspect;
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

  /** Position and size of a part of the file's picture in the pane, in CSS pixels. @param {Region} region In pixels of the file. */
  place({ x, y, width, height }) {
    const { left, top } = this.frame();
    const { scale } = this;
    const across = scale * this.#aspect;
    return { left: left + x * across, top: top + y * scale, width: width * across, height: height * scale };
  }

  /**
   * The part of the picture between two points of the pane, in pixels of the file; `null` if there is nothing of it.
   *
   * @param {{ x: number, y: number }} one
   * @param {{ x: number, y: number }} other
   * @returns {Region | null}
   */
  between(one, other) {
    const [from, to] = [this.toPicture(one), this.toPicture(other)];
    const width = Math.round(this.#picture.width / this.#aspect);
    const { height } = this.#picture;
    const x = Math.max(0, Math.floor(Math.min(from.x, to.x) / this.#aspect));
    const y = Math.max(0, Math.floor(Math.min(from.y, to.y)));
    const right = Math.min(width, Math.ceil(Math.max(from.x, to.x) / this.#aspect));
    const bottom = Math.min(height, Math.ceil(Math.max(from.y, to.y)));
    return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : null;
  }

  /**
   * The visible part of the picture, in pixels of the file; `null` if it is all or nearly all of it.
   *
   * @returns {Region | null}
   */
  region() {
    const region = this.between({ x: 0, y: 0 }, { x: this.#pane.width, y: this.#pane.height });
    if (region === null) return null;
    const whole = this.#picture.width / this.#aspect * this.#picture.height;
    return region.width * region.height >= WHOLE_ABOVE * whole ? null : region;
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
