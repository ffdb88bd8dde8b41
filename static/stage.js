// @ts-check
/** @import { Region } from "../src/crop_picture.ts" */
/** @import { FrameMessage, PartKind } from "./frame_message.js" */
import { Viewport } from "./viewport.js";

/** @typedef {{ bitmap: ImageBitmap, region: Region }} Layer */
/** @typedef {{ figure: HTMLElement, canvas: HTMLCanvasElement, whole?: Layer, part?: Layer }} Pane */

/** How visible a blurry picture is in the place of its result. */
const WORKING_ALPHA = 0.4;

/** The panes: a canvas for each of the four pictures, all drawn with the same viewport. */
export class Stage {
  viewport = new Viewport();
  #element;
  /** @type {Map<PartKind, Pane>} */
  #panes = new Map();
  #split = 0.5;
  #isDrawPlanned = false;
  #onViewport;
  /** @type {Layer | undefined} The blurry picture of a frame that is being restored: shown, dimmed, where its result will be. */
  #pending;
  /** @type {"all" | "blurry" | "result"} */
  #flipped = "all";
  /** @type {Promise<unknown>} The last frame that was to be shown, painted or not. */
  #last = Promise.resolve();
  /** Raised when all pictures are removed: frames that are still being decoded then are not shown. */
  #turn = 0;

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
    this.#turn++;
    for (const pane of this.#panes.values()) {
      pane.whole?.bitmap.close();
      pane.part?.bitmap.close();
      delete pane.whole;
      delete pane.part;
    }
    this.#setPending(undefined);
    this.redraw();
  }

  /** @param {Layer | undefined} layer */
  #setPending(layer) {
    this.#pending?.bitmap.close();
    this.#pending = layer;
    document.body.toggleAttribute("data-is-working", layer !== undefined);
  }

  /** Which picture the divider's place shows: both, or one of them in all of it. */
  get flipped() {
    return this.#flipped;
  }

  set flipped(what) {
    this.#flipped = what;
    this.redraw();
  }

  /**
   * Decodes a frame's pictures, and resolves once they are painted. One that is not restored yet is shown blurry, dimmed where
   * its result will be. Frames are painted in the order of the calls, however long each takes to decode.
   *
   * @param {FrameMessage} frame
   * @returns {Promise<boolean>} Whether it was painted, and not removed before that.
   */
  async show(frame) {
    const turn = this.#turn;
    const painted = this.#paint(frame, turn, this.#last);
    this.#last = painted.catch(() => undefined); // whoever called for it is told
    await painted;
    if (turn === this.#turn && frame.stage !== "blurry") {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return turn === this.#turn;
  }

  /** @param {FrameMessage} frame @param {number} turn @param {Promise<unknown>} before The frame before it. */
  async #paint(frame, turn, before) {
    const bitmaps = await Promise.all(
      frame.parts.map(({ bytes, format }) => createImageBitmap(new Blob([bytes], { type: format }))),
    );
    await before;
    if (turn !== this.#turn) return bitmaps.forEach((bitmap) => bitmap.close());
    const { region } = frame;
    const isWhole = region.width === frame.width && region.height === frame.height;
    this.#setPending(frame.stage === "blurry" && bitmaps[0] ? { bitmap: bitmaps[0], region } : undefined);
    if (!this.#pending) {
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
    }
    this.viewport.setPicture(frame);
    this.changed();
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
      const split = { all: from + (to - from) * this.#split, blurry: pane, result: 0 }[this.#flipped];
      this.#element.style.setProperty("--split", `${split}px`);
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
    const isBlurry = figure.dataset.kind === "blurry";
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
    const across = scale * this.viewport.aspect;
    context.imageSmoothingEnabled = scale < 2;
    context.imageSmoothingQuality = "high";
    context.globalAlpha = this.#pending && !isBlurry ? WORKING_ALPHA : 1;
    for (const layer of this.#pending ? [this.#pending] : [whole, part]) {
      if (!layer) continue;
      const { bitmap, region } = layer;
      // At whole device pixels, so that a picture at 1:1 is not resampled.
      const x = Math.round(left * ratio) + region.x * across;
      const y = Math.round(top * ratio) + region.y * scale;
      context.drawImage(bitmap, x, y, region.width * across, region.height * scale);
    }
  }
}
