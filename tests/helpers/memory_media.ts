import { DamagedMediaError } from "../../src/errors.ts";
import type { Frame, FrameSink, FrameSource, MediaInfo } from "../../src/frame.ts";

/** A frame of which every sample has one value. */
export function flatFrame(value: number, pts: number, width = 4, height = 2): Frame {
  return {
    data: new Uint8Array(3 * width * height).fill(value),
    width,
    height,
    pts: BigInt(pts),
    duration: 1n,
  };
}

/** `count` flat frames whose samples are 0, 1 … */
export function ramp(count: number): (i: number) => Frame | undefined {
  return (i) => i < count ? flatFrame(i, i) : undefined;
}

/** What {@linkcode memorySource} says of itself. */
export const MEMORY_INFO: MediaInfo = {
  path: "memory",
  kind: "video",
  width: 4,
  height: 2,
  timeBase: { num: 1, den: 25 },
  rotation: 0,
  streams: [],
};

/** A source in memory with the marks of a real one. */
export interface MemorySource extends FrameSource {
  /** Frames produced so far. */
  readonly produced: number;
  /** Why it was cancelled, if it was. */
  readonly cancelled: unknown;
}

/** Produces `frame(i)` for i = 0, 1 … until it returns `undefined` or throws. */
export function memorySource(
  frame: (i: number) => Frame | undefined,
  { frames, damage }: { readonly frames?: number; readonly damage?: string } = {},
): MemorySource {
  let [produced, cancelled]: [number, unknown] = [0, undefined];
  const info: MediaInfo = { ...MEMORY_INFO, ...(frames !== undefined && { frames }) };
  return {
    info,
    frames: new ReadableStream<Frame>({
      pull(controller) {
        const next = frame(produced);
        if (next === undefined) {
          return damage ? controller.error(new DamagedMediaError(info.path, damage)) : controller.close();
        }
        produced++;
        controller.enqueue(next);
      },
      cancel(reason) {
        cancelled = reason;
      },
    }, { highWaterMark: 1 }),
    damage,
    get produced() {
      return produced;
    },
    get cancelled() {
      return cancelled;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A sink in memory with the mark of a real one. */
export interface MemorySink extends FrameSink {
  readonly written: readonly Frame[];
  readonly isClosed: boolean;
  /** Why it was aborted, if it was. */
  readonly aborted: unknown;
}

/** Collects frames. @param accept Awaited for each frame: what it throws, the sink fails with. */
export function memorySink(accept: (frame: Frame) => Promise<void> | void = () => {}): MemorySink {
  const written: Frame[] = [];
  let [isClosed, aborted]: [boolean, unknown] = [false, undefined];
  return {
    written,
    frames: new WritableStream<Frame>({
      async write(frame) {
        await accept(frame);
        written.push(frame);
      },
      close() {
        isClosed = true;
      },
      abort(reason) {
        aborted = reason;
      },
    }, { highWaterMark: 1 }),
    get isClosed() {
      return isClosed;
    },
    get aborted() {
      return aborted;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
