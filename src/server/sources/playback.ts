import type { PartKind } from "../../../static/frame_message.js";
import type { Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import type { Engine } from "../../../mod.ts";
import type { Outcome, Settings, SourceDescription, SourceEntry } from "../protocol.ts";

/** What a server previews: the files of a folder, a live stream, or a running job. */
export interface PreviewSources extends AsyncDisposable {
  readonly mode: "files" | "live" | "job";
  list(): Promise<readonly SourceEntry[]>;
  /** For the user: what is not listed, and why; empty if nothing. */
  passedOver(): Promise<string>;
  /**
   * Starts playback of one source for one viewer, who disposes it.
   *
   * @throws {MediaError} if there is no such source or it cannot be read.
   */
  open(id: string, context: PlaybackContext): Promise<Playback>;
  /** An error in words for a viewer; names no folder of this machine. */
  explain(error: unknown): string;
}

/** What a playback does. `rendering` gives every frame of the range, after which it is `rendered`. */
export type PlaybackState = "playing" | "paused" | "ended" | "rendering" | "rendered";

/** How a source ended. */
export interface PlaybackEnd {
  readonly outcome: Outcome;
  /** For the user. */
  readonly message: string;
}

/** One viewer's playback of one source. */
export interface Playback extends AsyncDisposable {
  /** Grows with what becomes known; `onState` is called then. */
  readonly description: SourceDescription;
  readonly state: PlaybackState;
  /** How it ended, where there is something to know of that. */
  readonly end?: PlaybackEnd | undefined;
  /** Frames that were due and not restored. */
  readonly skipped: number;
  /** Until a job is done; `null` for other sources, and while it cannot be estimated. */
  readonly secondsLeft: number | null;
  /** Frames that a job restores per second, on average; absent where the viewer's own rate is shown. */
  readonly framesPerSecond?: number | undefined;
  play(): void;
  pause(): void;
  /** Does nothing where the source cannot be seeked. */
  seek(seconds: number): void;
  /** Does nothing where the source cannot be seeked. */
  step(by: -1 | 1): void;
  /** Gives every frame of the range, however long each takes, and then stops; `false` goes back to the usual. */
  loop(isOn: boolean): void;
  /** Makes `next` return the current frame again, because the settings changed. */
  repeat(settings: Settings): void;
  /**
   * Waits for the next frame to show and restores it with the settings of that moment. One call at a time.
   *
   * @throws {DOMException} `AbortError` once disposed.
   */
  next(settings: () => Settings): Promise<PreviewFrame>;
  /** The whole current frame, restored; `undefined` before the first one. */
  still(settings: Settings): Promise<PreviewFrame | undefined>;
}

/** A frame that is being restored; disposed when it is. */
export interface RestoringFrame extends Disposable {
  /** Such a share of the picture is done, from 0 to 1. */
  progress(share: number): void;
}

/** What a playback may use of the session it belongs to. */
export interface PlaybackContext {
  /** Lends the viewer's engine for work, which gets no other one before it is done. Not to be called inside of `work`. */
  readonly use: <T>(work: (engine: Engine) => Promise<T>) => Promise<T>;
  /** Shows the viewer that a frame is being restored, if that takes long. @param blurry Makes the frame, not restored. */
  readonly begin: (blurry: () => PreviewFrame) => RestoringFrame;
  /** Called when `state` changed without a request of the viewer. */
  readonly onState: () => void;
}

/** One frame restored for one viewer. All pictures have the same size and are as coded, before rotation. */
export interface PreviewFrame {
  readonly pictures: readonly { readonly kind: PartKind; readonly picture: Picture }[];
  /** The part that `pictures` show, in pixels of the displayed picture. */
  readonly region: Region;
  /** Clockwise degrees to rotate before sending: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** Whole picture as displayed, in pixels. */
  readonly width: number;
  /** Whole picture as displayed, in pixels. */
  readonly height: number;
  /** Number in the source, from 0. */
  readonly index: number;
  /** Whether that number was computed from the time and may be wrong. */
  readonly isEstimated: boolean;
  /** From the start of the source. */
  readonly seconds: number;
  /** Gain of what the network changes it was restored with. */
  readonly detail: number;
  /** When it was decoded, in milliseconds of `performance.now()`. */
  readonly decodedAt: number;
  /** Called with the milliseconds that encoding took. */
  readonly onEncoded?: (milliseconds: number) => void;
}
