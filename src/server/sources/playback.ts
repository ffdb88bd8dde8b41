import type { PartKind } from "../../../static/frame_message.js";
import type { Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import type { Restored, RestoreOptions } from "../../../mod.ts";
import type { Settings, SourceDescription, SourceEntry } from "../protocol.ts";

/** What a server previews: the files of a folder, a live stream, or a running job. */
export interface PreviewSources extends AsyncDisposable {
  readonly mode: "files" | "live" | "job";
  list(): Promise<readonly SourceEntry[]>;
  /**
   * Starts playback of one source for one viewer, who disposes it.
   *
   * @throws {MediaError} if there is no such source or it cannot be read.
   */
  open(id: string, context: PlaybackContext): Promise<Playback>;
  /** An error in words for a viewer; names no folder of this machine. */
  explain(error: unknown): string;
}

/** One viewer's playback of one source. */
export interface Playback extends AsyncDisposable {
  readonly description: SourceDescription;
  readonly state: "playing" | "paused" | "ended";
  /** Frames that were due and not restored. */
  readonly skipped: number;
  /** Until a job is done; `null` for other sources, and while it cannot be estimated. */
  readonly secondsLeft: number | null;
  play(): void;
  pause(): void;
  /** Does nothing where the source cannot be seeked. */
  seek(seconds: number): void;
  /** Does nothing where the source cannot be seeked. */
  step(by: -1 | 1): void;
  /** Makes `next` return the current frame again, because the settings changed. */
  repeat(): void;
  /**
   * Waits for the next frame to show and restores it with the settings of that moment. One call at a time.
   *
   * @throws {DOMException} `AbortError` once disposed.
   */
  next(settings: () => Settings): Promise<PreviewFrame>;
  /** The whole current frame, restored; `undefined` before the first one. */
  still(settings: Settings): Promise<PreviewFrame | undefined>;
}

/** What a playback may use of the session it belongs to. */
export interface PlaybackContext {
  /** Restores one picture, which is transferred, with the viewer's engine. */
  readonly restore: (picture: Picture, options: RestoreOptions) => Promise<Restored>;
  /** Called when `state` changed without a request of the viewer. */
  readonly onState: () => void;
}

/** One frame restored for one viewer. All pictures have the same size and are as coded, before rotation. */
export interface PreviewFrame {
  readonly pictures: readonly { readonly kind: PartKind; readonly picture: Picture }[];
  /** The part of `pictures` to send, in their pixels: without the context it was restored with. */
  readonly inner: Region;
  /** The same part in pixels of the displayed picture. */
  readonly region: Region;
  /** Clockwise degrees to rotate before sending: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** Whole picture as displayed, in pixels. */
  readonly width: number;
  /** Whole picture as displayed, in pixels. */
  readonly height: number;
  /** Number in the source, from 0. */
  readonly index: number;
  /** From the start of the source. */
  readonly seconds: number;
  /** Gain of the *down* branch it was restored with. */
  readonly detail: number;
  /** When it was decoded, in milliseconds of `performance.now()`. */
  readonly decodedAt: number;
  /** Called with the milliseconds that encoding took. */
  readonly onEncoded?: (milliseconds: number) => void;
}
