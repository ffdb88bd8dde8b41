import { stat } from "node:fs/promises";
import { join, parse } from "node:path";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSink } from "../frame.ts";
import type { PartFile } from "../part_file.ts";

/**
 * What one kind of output does: it writes frames into a part file. {@linkcode OwnedSink} makes a stream of it and decides
 * what becomes of the file. Disposing it frees everything; that happens once, and never while `write` or `finish` runs.
 */
export interface FrameWriter extends AsyncDisposable {
  /** Takes one frame, and its memory with it. Called again only once it has settled. */
  write(frame: Frame): Promise<void>;
  /** Writes what is left, so that the part file is whole. Called once, after at least one frame. */
  finish(): Promise<void>;
  /** What could not be kept as it was in the source, one line each. */
  readonly notes: readonly string[];
  /**
   * Compares the part file, once everything is written and freed, with what it should be. One line for each difference that nobody
   * was told of: with any, the output fails. @default {it is not compared}
   */
  findDifferences?(): Promise<readonly string[]>;
  /** Makes a running `write`, `finish` or `findDifferences` settle soon, whatever it waits for. */
  interrupt?(): void;
}

/** Frames that wait to be written. */
const HIGH_WATER_MARK = 1;

/**
 * An output over a {@linkcode FrameWriter}. Closing `frames` finishes the part file and gives it its name. However else it
 * ends, by a failure, an abort or being disposed, even while it is being closed, the writer is interrupted and freed exactly
 * once, and the part file is removed.
 */
export class OwnedSink implements FrameSink {
  readonly frames: WritableStream<Frame>;
  readonly #part: PartFile;
  readonly #writer: FrameWriter;
  #path: string;
  #controller: WritableStreamDefaultController | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #hasFrames = false;
  #freed: Promise<void> | undefined;
  #givenUp: Promise<void> | undefined;
  #isComplete = false;
  /** Of a damaged source, which says itself how far it came. */
  #isPartial = false;

  /** @param path Final name of the output, as the user wrote it. */
  constructor(path: string, part: PartFile, writer: FrameWriter) {
    [this.#path, this.#part, this.#writer] = [path, part, writer];
    this.frames = new WritableStream<Frame>({
      start: (controller) => {
        this.#controller = controller;
        // A stream that is aborted waits for a running write first; that one may be waiting for a program.
        controller.signal.addEventListener("abort", () => writer.interrupt?.(), { once: true });
      },
      write: (frame) => this.#orGiveUp(() => this.#write(frame)),
      close: () => this.#orGiveUp(() => this.#complete()),
      abort: () => this.#giveUp(),
    }, { highWaterMark: HIGH_WATER_MARK });
  }

  get notes(): readonly string[] {
    return this.#writer.notes;
  }

  async finishAs(path: string): Promise<void> {
    this.#path = path;
    this.#isPartial = true;
    await this.frames.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isComplete && this.#givenUp === undefined) this.#controller?.error(this.#disposed());
    await this.#giveUp();
  }

  async #write(frame: Frame): Promise<void> {
    this.#hasFrames = true;
    await this.#writer.write(frame);
  }

  async #complete(): Promise<void> {
    if (!this.#hasFrames) {
      throw new MediaError(this.#path, "The output was closed before any frame came. Write at least one");
    }
    await this.#writer.finish();
    this.#throwIfGivenUp();
    await this.#free(); // first: not every system renames a file that is open
    this.#throwIfGivenUp();
    const differences = this.#isPartial ? [] : await this.#writer.findDifferences?.() ?? [];
    this.#throwIfGivenUp();
    if (differences.length > 0) throw await this.#keepAsFailed(differences);
    await this.#part.complete(this.#path);
    this.#isComplete = true;
  }

  /** Keeps an output that is not what it should be, under a name that says so. */
  async #keepAsFailed(differences: readonly string[]): Promise<MediaError> {
    const { dir, name, ext } = parse(this.#path);
    let kept = join(dir, `${name}.failed-check${ext}`);
    for (let i = 2; await stat(kept).then(() => true, () => false); i++) {
      kept = join(dir, `${name}.failed-check-${i}${ext}`);
    }
    await this.#part.complete(kept);
    const what = `The output differs from what it should be, and is kept as ${kept}: ${
      differences.join("; ")
    }`;
    return new MediaError(this.#path, `${what}. Please report this; --verify off leaves this check out`);
  }

  /** Does `work`. If it fails nothing of the output is left. */
  async #orGiveUp(work: () => Promise<void>): Promise<void> {
    const running = work();
    this.#running = running;
    try {
      await running;
    } catch (error) {
      await this.#giveUp().catch(() => {}); // disposing the sink reports it
      throw error;
    }
  }

  #giveUp(): Promise<void> {
    return this.#givenUp ??= (async () => {
      if (!this.#isComplete) this.#writer.interrupt?.();
      await this.#running.catch(() => {}); // its failure is the stream's
      try {
        await this.#free();
      } finally {
        await this.#part.discard();
      }
    })();
  }

  #free(): Promise<void> {
    return this.#freed ??= Promise.resolve(this.#writer[Symbol.asyncDispose]());
  }

  /** The stream itself takes an abort that comes while it is being closed for one that came too late. */
  #throwIfGivenUp(): void {
    this.#controller?.signal.throwIfAborted();
    if (this.#givenUp) throw this.#disposed();
  }

  #disposed(): MediaError {
    return new MediaError(this.#path, "The output was disposed before it was complete");
  }
}
