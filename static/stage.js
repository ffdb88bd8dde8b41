// @ts-check
/** @import { Region } from "../src/crop_picture.ts" */
/** @import { FrameMessage, PartKind } from "./frame_message.js" */
import { Viewport } from "./viewport.js";

/** @typedef {{ bitmap: ImageBitmap, region: Region }} Layer */
/** @typedef {{ figure: HTMLElement, canvas: HTMLCanvasElement, whole?: Layer, part?: Layer }} Pane */

/** The panes: a canvas for each of the four pictures, all drawn with the same viewport. */
export class Stage {
  viewport = new Viewport();
  #element;
  /** @type {Map<PartKind, Pane>} */
  #panes = new Map();
  #split = 0.5;
  #isDrawPlanned = false;
  #onViewport;

  /** @param {HTMLElement} element @param {() => void} onViewport Called when another part of the picture comes into view. */
  constructor(element, onViewport) {
    this.#element = element;
    this.#onViewport = onViewport;
    for (const figure of element.querySelectorAll("figure")) {
      const canvas = figure.querySelector("canvas");
      const kind = /** @type {PartKind} */ (figure.dataset.kind);
      if (canvas) this.#panes.set(kind, { figure, canvas });
    }
    new ResizeObserver(() => this.layOut()).observe(element);
  }

  /** Share of the picture's width to the left of the divider, 0 to 1. */
  get split() {
    return this.#split;
  }

  set split(share) {
    this.#split = Math.min(1, Math.max(0, share));
    this.redraw();
  }

  /** Size of one pane in CSS pixels; all visible panes have the same. */
  get paneSize() {
    const { clientWidth: width, clientHeight: height } = this.#panes.get("result")?.figure ?? this.#element;
    return { width, height };
  }

  /** The position of a mouse event in its pane, in CSS pixels. @param {MouseEvent} event */
  toPane({ clientX, clientY }) {
    for (const { figure } of this.#panes.values()) {
      const box = figure.getBoundingClientRect();
      const [x, y] = [clientX - box.left, clientY - box.top];
      if (x >= 0 && y >= 0 && x < box.width && y < box.height) return { x, y };
    }
    return { x: this.paneSize.width / 2, y: this.paneSize.height / 2 };
  }

  /** Measures the panes again, after the window or the view changed. */
  layOut() {
    this.viewport.setPane(this.paneSize);
    this.changed();
  }

  /** Redraws; to be called after the viewport changed. */
  changed() {
    this.redraw();
    this.#onViewport();
  }

  /** Removes all pictures. */
  clear() {
    for (const pane of this.#panes.values()) {
      pane.whole?.bitmap.close();
      pane.part?.bitmap.close();
      delete pane.whole;
      delete pane.part;
    }
    this.redraw();
  }

  /** Decodes a frame's pictures, and resolves once they are painted. @param {FrameMessage} frame */
  async show(frame) {
    const bitmaps = await Promise.all(
      frame.parts.map(({ bytes, format }) => createImageBitmap(new Blob([bytes], { type: format }))),
    );
    const { region } = frame;
    const isWhole = region.width === frame.width && region.height === frame.height;
    frame.parts.forEach(({ kind }, i) => {
      const pane = this.#panes.get(kind);
      const bitmap = bitmaps[i];
      if (!pane || !bitmap) return;
      pane.part?.bitmap.close();
      delete pane.part;
      // The last whole picture stays below the part in view, so that panning shows no gap.
      if (isWhole) pane.whole?.bitmap.close();
      pane[isWhole ? "whole" : "part"] = { bitmap, region };
    });
    this.viewport.setPicture(frame);
    this.changed();
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }

  redraw() {
    if (this.#isDrawPlanned) return;
    this.#isDrawPlanned = true;
    requestAnimationFrame(() => {
      this.#isDrawPlanned = false;
      const { left, width } = this.viewport.frame();
      const pane = this.paneSize.width;
      const from = Math.max(0, left);
      const to = Math.min(pane, left + width);
      this.#element.style.setProperty("--split", `${from + (to - from) * this.#split}px`);
      for (const pane of this.#panes.values()) this.#draw(pane);
    });
  }

  /** Share of the visible picture that lies to the left of a point. @param {number} x In CSS pixels of the pane. */
  shareAt(x) {
    const { left, width } = this.viewport.frame();
    const from = Math.max(0, left);
    return (x - from) / Math.max(1, Math.min(this.paneSize.width, left + width) - from);
  }

  /** @param {Pane} pane */
  #draw({ figure, canvas, whole, part }) {
    const ratio = devicePixelRatio;
    const width = Math.round(figure.clientWidth * ratio);
    const height = Math.round(figure.clientHeight * ratio);
    if (width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, width, height);
    const { left, top } = this.viewport.frame();
    const scale = this.viewport.scale * ratio;
    context.imageSmoothingEnabled = scale < 2;
    context.imageSmoothingQuality = "high";
    for (const layer of [whole, part]) {
      if (!layer) continue;
      const { bitmap, region } = layer;
      // At whole device pixels, so that a picture at 1:1 is not resampled.
      const x = Math.round(left * ratio) + region.x * scale;
      const y = Math.round(top * ratio) + region.y * scale;
      context.drawImage(bitmap, x, y, region.width * scale, region.height * scale);
    }
  }
}
