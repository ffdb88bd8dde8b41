import { copyOfRegion, cropPicture } from "../../crop_picture.ts";
import { clipRegion, rotatedSize, unrotateRegion } from "../../display_region.ts";
import type { MediaInfo } from "../../frame.ts";
import type { Settings, SourceDescription, SourceEntry } from "../protocol.ts";
import { describeSource } from "./describe_source.ts";
import type { FrameTimes } from "./frame_times.ts";
import type { Playback, PlaybackContext, PlaybackEnd, PlaybackState, PreviewFrame } from "./playback.ts";
import type { Player } from "./player.ts";
import type { TimedFrame } from "./timed_frames.ts";

/** What {@linkcode RestoringPlayback.open} is given beside the player. */
export interface RestoringPlaybackOptions {
  readonly entry: SourceEntry;
  readonly context: PlaybackContext;
  /** When each frame is shown, once that is known; disposed with the playback. @default {it never is} */
  readonly times?: AsyncDisposable & { readonly known: FrameTimes | undefined };
}

/** Restores what a player plays, the part in view only, as a job would. Owns the player. */
export class RestoringPlayback implements Playback {
  readonly secondsLeft = null;
  readonly #player: Player;
  readonly #info: MediaInfo;
  readonly #options: RestoringPlaybackOptions;
  /** The frame on its way, restored or failed. */
  #onItsWay: Promise<unknown> = Promise.resolve();

  private constructor(player: Player, info: MediaInfo, options: RestoringPlaybackOptions) {
    [this.#player, this.#info, this.#options] = [player, info, options];
  }

  /**
   * Opens the player's source.
   *
   * @throws {MediaError} if it cannot be read; the player is disposed then.
   */
  static async open(player: Player, options: RestoringPlaybackOptions): Promise<RestoringPlayback> {
    try {
      return new RestoringPlayback(player, await player.info(), options);
    } catch (error) {
      await player[Symbol.asyncDispose]();
      throw error;
    }
  }

  get description(): SourceDescription {
    const { entry, times } = this.#options;
    const { kind, frames } = this.#info;
    const counted = times?.known?.count ?? frames;
    const info = { ...this.#info, ...(counted !== undefined && { frames: counted }) };
    return describeSource(entry, info, { kind, canSeek: kind !== "live", canTune: true });
  }

  get state(): PlaybackState {
    return this.#player.state;
  }

  get end(): PlaybackEnd | undefined {
    const { damage } = this.#player;
    return damage === undefined ? undefined : { outcome: "damaged", message: damage };
  }

  get skipped(): number {
    return this.#player.skipped;
  }

  play(): void {
    this.#player.play();
  }

  pause(): void {
    this.#player.pause();
  }

  seek(seconds: number): void {
    if (this.#canSeek) this.#player.seek(seconds);
  }

  step(by: -1 | 1): void {
    if (this.#canSeek) this.#player.step(by);
  }

  loop(isOn: boolean): void {
    if (this.#canSeek) this.#player.loop(isOn);
  }

  repeat(settings: Settings): void {
    if (this.#info.kind === "video") this.#player.restrict(settings.range);
    this.#player.repeat();
  }

  async next(settings: () => Settings): Promise<PreviewFrame> {
    const frame = await this.#player.next();
    const restoring = this.#restore(frame, settings());
    this.#onItsWay = restoring.catch(() => undefined); // whoever asked for it is told
    return await restoring;
  }

  /** The frame that was given last: what it shows of the settings' crop is what a job with these settings writes. */
  async still(settings: Settings): Promise<PreviewFrame | undefined> {
    await this.#onItsWay;
    const { current } = this.#player;
    if (current === undefined) return undefined;
    current.retain();
    try {
      return await this.#restore(current, { ...settings, region: settings.crop, branches: false });
    } finally {
      current.release();
    }
  }

  get #canSeek(): boolean {
    return this.#info.kind !== "live";
  }

  /** The number of a frame, exact if the times of all became known after it was read. */
  #numberOf({ index, isEstimated, seconds }: TimedFrame): Pick<PreviewFrame, "index" | "isEstimated"> {
    const known = isEstimated ? this.#options.times?.known?.indexOf(seconds) : undefined;
    return known === undefined ? { index, isEstimated } : { index: known, isEstimated: false };
  }

  async #restore(timed: TimedFrame, settings: Settings): Promise<PreviewFrame> {
    const { region: asked, detail, branches, everywhere } = settings;
    const { context } = this.#options;
    const { rotation } = this.#info;
    const { frame, judged, seconds, decodedAt } = timed;
    const displayed = rotatedSize(frame, rotation);
    const region = clipRegion(asked, displayed);
    const coded = unrotateRegion(region, frame, rotation);
    const place = { region, rotation, ...displayed, ...this.#numberOf(timed), seconds, detail, decodedAt };
    const blurry = () => ({
      ...place,
      pictures: [{ kind: "blurry", picture: cropPicture(frame, coded) } as const],
    });
    using restoring = context.begin(blurry);
    // A copy, because the engine takes its picture away and this frame may be asked for again.
    const whole = copyOfRegion(frame, { x: 0, y: 0, width: frame.width, height: frame.height });
    const { input, image, up, down } = await context.restore(whole, {
      detail,
      branches,
      region: coded,
      ...(judged && { neighbours: judged.neighbours }),
      ...(judged && !everywhere && !branches && { strength: judged.strength }),
      onProgress: (share) => restoring.progress(share),
    });
    return {
      ...place,
      pictures: [
        { kind: "blurry", picture: cropPicture(input, coded) },
        { kind: "result", picture: image },
        ...(up ? [{ kind: "up", picture: up } as const] : []),
        ...(down ? [{ kind: "down", picture: down } as const] : []),
      ],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.times?.[Symbol.asyncDispose]();
    await this.#player[Symbol.asyncDispose]();
  }
}
