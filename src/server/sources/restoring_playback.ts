import { cropPicture, type Region } from "../../crop_picture.ts";
import { clipRegion, rotatedSize, unrotateRegion } from "../../display_region.ts";
import type { Engine, Restored } from "../../../mod.ts";
import { MediaError } from "../../errors.ts";
import { copyPicture, type MediaInfo } from "../../frame.ts";
import { RequestError, type Settings, type SourceDescription, type SourceEntry } from "../protocol.ts";
import { describeSource } from "./describe_source.ts";
import type { FrameTimes } from "./frame_times.ts";
import type { Playback, PlaybackContext, PlaybackEnd, PlaybackState, PreviewFrame } from "./playback.ts";
import type { Player } from "./player.ts";
import { restoreAsJob } from "./restore_as_job.ts";
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
  /** The frame or the still on its way, restored or failed. */
  #onItsWay: Promise<unknown> = Promise.resolve();
  /** Reading for a still, done or failed. */
  #reading: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

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

  /**
   * The frame that was given last: what it shows of the settings' crop is what a job with these settings writes, before it is encoded.
   * Of a live source, which cannot be read again, it is not fused with the frames beside it. One after the other.
   */
  async still(settings: Settings): Promise<PreviewFrame | undefined> {
    const still = this.#onItsWay.then(() => this.#still(settings));
    this.#onItsWay = still.catch(() => undefined); // whoever asked for it is told
    return await still;
  }

  async #still(settings: Settings): Promise<PreviewFrame | undefined> {
    const { current } = this.#player;
    if (current === undefined) return undefined;
    current.retain();
    try {
      const asked = { ...settings, region: settings.crop, branches: false };
      return await this.#restore(current, asked, (engine, options) => {
        const isFused = engine.frames === 3 && current.judged !== undefined;
        return isFused ? this.#asJob(current, engine, options) : restoreAlone(current, engine, options);
      });
    } finally {
      current.release();
    }
  }

  async #asJob(timed: TimedFrame, engine: Engine, options: RestoreOptions): Promise<Restored> {
    const { detail, everywhere, region, onProgress } = options;
    const { signal } = this.#closing;
    const reading = this.#player.readAgain(
      timed,
      (source, isLastTry) =>
        restoreAsJob(source, engine, timed.frame.pts, {
          detail,
          everywhere,
          region,
          onProgress,
          signal,
          isLastTry,
        }),
    );
    this.#reading = reading.catch(() => undefined);
    const image = await reading;
    if (image) return { input: timed.frame, image };
    throw new MediaError(
      this.#options.entry.name,
      "This frame is not found again: the file has changed since it was opened. Open it once more",
    );
  }

  get #canSeek(): boolean {
    return this.#info.kind !== "live";
  }

  /** The number of a frame, exact if the times of all became known after it was read. */
  #numberOf({ index, isEstimated, seconds }: TimedFrame): Pick<PreviewFrame, "index" | "isEstimated"> {
    const known = isEstimated ? this.#options.times?.known?.indexOf(seconds) : undefined;
    return known === undefined ? { index, isEstimated } : { index: known, isEstimated: false };
  }

  async #restore(
    timed: TimedFrame,
    { region: asked, detail, branches, everywhere }: Settings,
    restore: (engine: Engine, options: RestoreOptions) => Promise<Restored> = (engine, options) =>
      restoreAlone(timed, engine, options),
  ): Promise<PreviewFrame> {
    const { context } = this.#options;
    const { rotation } = this.#info;
    const { frame, seconds, decodedAt } = timed;
    const displayed = rotatedSize(frame, rotation);
    const region = clipRegion(asked, displayed);
    const coded = unrotateRegion(region, frame, rotation);
    const place = { region, rotation, ...displayed, ...this.#numberOf(timed), seconds, detail, decodedAt };
    const blurry = () => ({
      ...place,
      pictures: [{ kind: "blurry", picture: cropPicture(frame, coded) } as const],
    });
    using restoring = context.begin(blurry);
    const options = { detail, branches, everywhere, region: coded };
    const { input, image, up, down } = await context.use((engine) =>
      restore(engine, { ...options, onProgress: (share) => restoring.progress(share) })
    );
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
    this.#closing.abort(
      new RequestError(
        "The picture is not saved: its source was closed before it was restored. Save it again",
      ),
    );
    await this.#reading;
    await this.#options.times?.[Symbol.asyncDispose]();
    await this.#player[Symbol.asyncDispose]();
  }
}

/** How a frame is restored. */
interface RestoreOptions extends Pick<Settings, "detail" | "branches" | "everywhere"> {
  /** As coded. */
  readonly region: Region;
  readonly onProgress: (share: number) => void;
}

/** Restores a frame by one call of the engine, not fused with those beside it. */
function restoreAlone(
  { frame, judged }: TimedFrame,
  engine: Engine,
  { everywhere, ...options }: RestoreOptions,
): Promise<Restored> {
  // A copy, because the engine takes its picture away and this frame may be asked for again.
  const whole = copyPicture(frame);
  return engine.run(whole, {
    ...options,
    ...(judged && { neighbours: judged.neighbours }),
    ...(judged && !everywhere && !options.branches && { strength: judged.strength }),
  });
}
