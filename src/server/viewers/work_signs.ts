import type { ServerMessage } from "../protocol.ts";
import type { PreviewFrame, RestoringFrame } from "../sources/playback.ts";

/** Options of {@linkcode WorkSigns}. */
export interface WorkSignsOptions {
  /** Sends a picture that is not restored yet, unless `isOver` by then. */
  readonly sendBlurry: (frame: PreviewFrame, isOver: () => boolean) => Promise<void>;
  readonly send: (message: ServerMessage) => void;
  /** Milliseconds that restoring may take before it is shown; longer while playing, where the last frame is in view. */
  readonly delayMs: () => number;
}

/** Milliseconds between messages about the progress of one frame. */
const PROGRESS_MS = 200;

/** Shows a viewer that a frame is being restored, if that takes a while: the blurry one, and how far it is. */
export class WorkSigns {
  readonly #options: WorkSignsOptions;

  constructor(options: WorkSignsOptions) {
    this.#options = options;
  }

  /**
   * A frame begins to be restored. Dispose the result when it is.
   *
   * @param blurry Makes the frame with its blurry picture only.
   * @param isLeft Whether the viewer has left the frame's source, and is to be shown nothing more of it.
   */
  begin(blurry: () => PreviewFrame, isLeft: () => boolean = () => false): RestoringFrame {
    const { sendBlurry, send, delayMs } = this.#options;
    let [isShown, isOver, sentAt] = [false, false, -Infinity];
    let share: number | null = null;
    const sendProgress = () => {
      sentAt = performance.now();
      send({ type: "work", share });
    };
    const timer = setTimeout(() => {
      if (isLeft()) return;
      isShown = true;
      sendProgress();
      // A picture that cannot be shown is no reason not to restore it.
      sendBlurry(blurry(), () => isOver || isLeft()).catch(() => undefined);
    }, delayMs());
    return {
      progress(done) {
        share = done;
        if (isShown && !isOver && !isLeft() && performance.now() - sentAt >= PROGRESS_MS) sendProgress();
      },
      [Symbol.dispose]() {
        isOver = true;
        clearTimeout(timer);
      },
    };
  }
}
