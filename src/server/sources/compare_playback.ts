import { cropPicture } from "../../crop_picture.ts";
import { codedRegion } from "../../display_region.ts";
import type { MediaInfo } from "../../frame.ts";
import type { JobResult } from "../jobs/watched_job.ts";
import type { Settings, SourceDescription, SourceEntry } from "../protocol.ts";
import { describeSource } from "./describe_source.ts";
import type { FrameTimes } from "./frame_times.ts";
import type { Playback, PlaybackEnd, PlaybackState, PreviewFrame } from "./playback.ts";
import { Player } from "./player.ts";
import { regionInView } from "./region_in_view.ts";
import { type TimedFrame, TimedFrames, type TimedFramesOptions } from "./timed_frames.ts";

/** A file to be shown. */
export interface ComparedFile {
  readonly open: TimedFramesOptions["open"];
  /** When each of its frames is shown, if it says so. */
  readonly times: FrameTimes | undefined;
}

/** What {@linkcode ComparePlayback.open} shows. */
export interface ComparePlaybackOptions {
  readonly entry: SourceEntry;
  readonly input: ComparedFile;
  readonly output: ComparedFile;
  /** What part of the input the output shows. */
  readonly result: Pick<JobResult, "range" | "crop">;
  /** How the job ended. */
  readonly end: PlaybackEnd;
  readonly onState: () => void;
}

/** Seconds before the end of a range at which its last frame is surely on show. */
const BEFORE_END = 1e-4;

/** Shows input and output of a finished job beside each other, frame by frame, at the times of the input. */
export class ComparePlayback implements Playback {
  readonly description: SourceDescription;
  readonly secondsLeft = null;
  readonly end: PlaybackEnd;
  readonly #options: ComparePlaybackOptions;
  /** Of the input. */
  readonly #info: MediaInfo;
  readonly #player: Player;
  readonly #output: TimedFrames;
  /** The output's frame that was read last, and which one of the output it is. */
  #restored: { readonly timed: TimedFrame; readonly ordinal: number } | undefined;
  #shown: PreviewFrame | undefined;

  private constructor(options: ComparePlaybackOptions, info: MediaInfo, player: Player, output: TimedFrames) {
    [this.#options, this.#info, this.#player, this.#output] = [options, info, player, output];
    this.end = options.end;
    const { entry, input, result: { crop, range } } = options;
    const described = describeSource(entry, info, { kind: info.kind, canSeek: true, canTune: false });
    const frames = input.times?.count ?? described.frames;
    this.description = { ...described, ...(crop && { width: crop.width, height: crop.height }), frames };
    player.restrict(range);
    if (range) player.seek(range.start);
  }

  /** Opens both files. @throws {MediaError} if one cannot be read. */
  static async open(options: ComparePlaybackOptions): Promise<ComparePlayback> {
    const { input, output, onState } = options;
    await using opened = new AsyncDisposableStack();
    const open = (file: ComparedFile) => ({ open: file.open, times: () => file.times, isJudged: false });
    const player = opened.use(new Player({ ...open(input), onState }));
    const restored = opened.use(new TimedFrames(open(output)));
    await restored.info();
    const playback = new ComparePlayback(options, await player.info(), player, restored);
    opened.move();
    return playback;
  }

  get state(): PlaybackState {
    return this.#player.state;
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
    const { start, end } = this.#options.result.range ?? { start: 0, end: Infinity };
    this.#player.seek(Math.min(Math.max(seconds, start), end - BEFORE_END));
  }

  step(by: -1 | 1): void {
    this.#player.step(by);
  }

  loop(isOn: boolean): void {
    this.#player.loop(isOn);
  }

  repeat(): void {
    this.#player.repeat();
  }

  async next(settings: () => Settings): Promise<PreviewFrame> {
    const frame = await this.#player.next();
    const restored = await this.#restoredOf(frame);
    return this.#shown = this.#show(frame, restored, settings());
  }

  still(settings: Settings): Promise<PreviewFrame | undefined> {
    const [frame, restored] = [this.#player.current, this.#restored];
    const isThere = frame !== undefined && restored !== undefined && this.#shown !== undefined;
    return Promise.resolve(
      isThere ? this.#show(frame, restored.timed, { ...settings, region: null }) : undefined,
    );
  }

  /** The output's frame that was made of one of the input. */
  async #restoredOf({ index, seconds }: TimedFrame): Promise<TimedFrame> {
    const { input, output, result: { range } } = this.#options;
    const start = range?.start ?? 0;
    const ordinal = input.times === undefined ? index : index - input.times.firstFrom(start);
    if (this.#restored?.ordinal === ordinal) return this.#restored.timed;
    const isNext = this.#restored?.ordinal === ordinal - 1;
    const at = output.times?.at(ordinal) ?? seconds - start;
    const timed = isNext ? await this.#output.read() : await this.#output.seek(Math.max(0, at));
    const found = timed ?? this.#restored?.timed;
    if (found === undefined) throw new Error("The result has no frame at this place");
    this.#restored = { timed: found, ordinal };
    return found;
  }

  #show(timed: TimedFrame, { frame: image }: TimedFrame, { region: asked, detail }: Settings): PreviewFrame {
    const { frame, index, isEstimated, seconds, decodedAt } = timed;
    const { crop } = this.#options.result;
    const input = crop ? cropPicture(frame, codedRegion(crop, this.#info)) : frame;
    return {
      ...regionInView({ blurry: input, result: image }, this.#info, asked),
      index,
      isEstimated,
      seconds,
      detail,
      decodedAt,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#player[Symbol.asyncDispose]();
    await this.#output[Symbol.asyncDispose]();
  }
}
