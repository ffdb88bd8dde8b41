import type { Picture } from "../frame.ts";
import type { Restored, RestoreOptions } from "../model/engine/engine.ts";
import type { Settings, SourceDescription, SourceEntry } from "./protocol.ts";
import type { Shot } from "./shot.ts";

/** What a viewer looks at: one position in one source, or a running job. */
export interface Feed extends AsyncDisposable {
  readonly description: SourceDescription;
  readonly state: "playing" | "paused" | "ended";
  /** Frames that were due and not restored. */
  readonly skipped: number;
  /** Until a job is done, where it is one and it can be told. */
  readonly secondsLeft: number | null;
  play(): void;
  pause(): void;
  /** Does nothing where the source cannot be seeked. */
  seek(seconds: number): void;
  /** Does nothing where the source cannot be seeked. */
  step(by: -1 | 1): void;
  /** Gives the current frame again, because `settings` changed. */
  repeat(): void;
  /**
   * Waits for the next frame to show and restores it, as `settings` are by then. One call at a time.
   *
   * @throws {DOMException} `AbortError` once disposed.
   */
  next(settings: () => Settings): Promise<Shot>;
  /** The whole current frame, restored; `undefined` where there is none to be had. */
  still(settings: Settings): Promise<Shot | undefined>;
}

/** What a feed may use of the viewer it is for. */
export interface FeedContext {
  /** Restores with the viewer's engine, in its turn. */
  readonly restore: Restore;
  /** To be called when `state` changed by itself. */
  readonly onState: () => void;
}

/** Restores one picture, which is transferred. */
export type Restore = (
  picture: Picture,
  options: RestoreOptions,
) => Promise<Restored>;

/** Where feeds come from: a folder of files, a live stream, or a job. */
export interface FeedSource extends AsyncDisposable {
  readonly mode: "files" | "live" | "job";
  list(): Promise<readonly SourceEntry[]>;
  /** @throws {MediaError} if there is no such source or it cannot be read. */
  open(id: string, context: FeedContext): Promise<Feed>;
  /** What a viewer is told of an error; names no folder of this machine. */
  explain(error: unknown): string;
}
