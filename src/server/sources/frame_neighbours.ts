import { type JudgedFrame, judgeFrames, type Neighbours } from "../../../mod.ts";
import type { Frame, FrameSource } from "../../frame.ts";

/** Frames that a player may still ask for: the one it shows, one it has read ahead, and one on its way. */
const KEPT = 3;

/** Finds what is beside the frames of videos while they are played. */
export class FrameNeighbours {
  /** Oldest first. */
  readonly #judged: JudgedFrame[] = [];

  /** The same source; each of its frames comes when the one after it is decoded. */
  watch(source: FrameSource): FrameSource {
    const { info } = source;
    const { frameRate, timeBase: { num, den } } = info;
    const interval = frameRate === undefined ? {} : { frameInterval: den / num / frameRate };
    const stage = judgeFrames({ everywhere: true, neighbours: true, ...interval });
    const frames = source.frames.pipeThrough(stage).pipeThrough(
      new TransformStream(
        {
          transform: (judged, controller) => {
            this.#judged.push(judged);
            for (const { release } of this.#judged.splice(0, this.#judged.length - KEPT)) release();
            controller.enqueue(judged.frame);
          },
        },
        { highWaterMark: 1 },
        { highWaterMark: 0 },
      ),
    );
    return {
      info,
      frames,
      get damage() {
        return source.damage;
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  }

  /** What is beside a frame that was among the last of a watched source; to be used at once. */
  of(frame: Frame): Neighbours {
    return this.#judged.find((judged) => judged.frame === frame)?.neighbours ?? {};
  }
}
