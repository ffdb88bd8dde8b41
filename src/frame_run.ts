import { copyPicture, type Frame, freePicture, type Picture } from "./frame.ts";
import type { Neighbours } from "./model/engine/engine.ts";

/** A neighbour may be this many times as far away in time as usual: at twice it helps a little, at three times it harms. */
const LONGEST_GAP = 2.2;

/** Options of {@linkcode FrameRun}. */
export interface FrameRunOptions {
  /** Whether its frames get neighbours, and it is to be one. */
  readonly neighbours: boolean;
  /** The frame before it. */
  readonly last?: { readonly frame: Pick<Frame, "pts">; readonly run: FrameRun };
}

/** A frame and its repetitions: to other frames they are one. */
export class FrameRun {
  /** Frames so far. */
  frames = 1;
  readonly #copy: SharedPicture | undefined;
  /** `pts` from the frame before it. */
  readonly #gap: number;
  #before: FrameRun | undefined;
  #beside: { readonly previous?: SharedPicture; readonly next?: SharedPicture } | undefined;

  constructor(first: Frame, { neighbours, last }: FrameRunOptions) {
    this.#gap = last ? Number(first.pts - last.frame.pts) : Infinity;
    if (neighbours) this.#copy = new SharedPicture(copyPicture(first));
    else this.#beside = {};
    this.#before = last?.run;
  }

  /** Whether it is known which neighbours its frames get. */
  get isSettled(): boolean {
    return this.#beside !== undefined;
  }

  /**
   * Decides, once, which neighbours its frames get.
   *
   * @param frameInterval Usual difference of `pts` from frame to frame. @default {the smaller of the two around it}
   * @param after What follows it, if anything does that could be a neighbour.
   */
  settle(frameInterval = Infinity, after?: FrameRun): void {
    const before = this.#before;
    this.#before = undefined;
    if (this.#beside === undefined) {
      const gapAfter = after ? after.#gap : Infinity;
      const longest = LONGEST_GAP * Math.min(frameInterval, this.#gap, gapAfter);
      const previous = this.#gap <= longest ? this.#fitting(before) : undefined;
      const next = gapAfter <= longest ? this.#fitting(after) : undefined;
      this.#beside = { ...(previous && { previous }), ...(next && { next }) };
    }
    if (before) before.#copy?.release(); // no other frame needs it
  }

  /** The neighbours for one of its frames, which releases them. */
  share(): { neighbours: Neighbours; release: () => void } {
    const { previous, next } = this.#beside ?? {};
    const shared = [previous, next].filter((copy) => copy !== undefined);
    for (const copy of shared) copy.use();
    return {
      neighbours: {
        ...(previous && { previous: previous.picture }),
        ...(next && { next: next.picture }),
      },
      release: () => {
        for (const copy of shared.splice(0)) copy.release();
      },
    };
  }

  /** None of its frames will ask for neighbours any more. */
  end(): void {
    this.#beside?.previous?.release();
    this.#beside?.next?.release();
  }

  #fitting(other: FrameRun | undefined): SharedPicture | undefined {
    const [a, b] = [this.#copy?.picture, other && other.#copy];
    const fits = a?.width === b?.picture.width && a?.height === b?.picture.height &&
      a?.data.constructor === b?.picture.data.constructor;
    return fits ? b?.use() : undefined;
  }
}

/** A picture that is freed when its last user has released it; its maker is the first. */
class SharedPicture {
  readonly picture: Picture;
  #users = 1;

  constructor(picture: Picture) {
    this.picture = picture;
  }

  use(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) freePicture(this.picture);
  }
}
