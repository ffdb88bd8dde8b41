import { copyOfRegion } from "../crop_picture.ts";
import { freePicture, type MediaInfo } from "../frame.ts";
import type { Feed, FeedContext } from "./feed.ts";
import type { FrameNeighbours } from "./frame_neighbours.ts";
import type { Moment, Player } from "./player.ts";
import type { Settings, SourceDescription, SourceEntry } from "./protocol.ts";
import { clipRegion, growRegion, rotatedSize, unrotateRegion } from "./region.ts";
import type { Shot } from "./shot.ts";

/**
 * Context restored around the part in view, in pixels. Measured on the sample with the fast preset: no sample differs
 * from the whole frame's with 64, and by one grey level at most with 32.
 */
const CONTEXT = { halo: 64, grid: 32 };

/** Restores what a player plays, only the part in view. Owns the player. */
export class RestoringFeed implements Feed {
  readonly description: SourceDescription;
  readonly secondsLeft = null;
  readonly #player: Player;
  readonly #info: MediaInfo;
  readonly #context: FeedContext;
  readonly #neighbours: Pick<FrameNeighbours, "of"> | undefined;

  private constructor(
    entry: SourceEntry,
    player: Player,
    info: MediaInfo,
    context: FeedContext,
    neighbours?: Pick<FrameNeighbours, "of">,
  ) {
    this.#neighbours = neighbours;
    this.#player = player;
    this.#info = info;
    this.#context = context;
    this.description = {
      ...entry,
      ...rotatedSize(info, info.rotation),
      kind: info.kind,
      frameRate: info.frameRate ?? null,
      frames: info.frames ?? null,
      seconds: info.seconds ?? null,
      canSeek: info.kind !== "live",
      canTune: true,
    };
  }

  /**
   * Opens the player's source.
   *
   * @param neighbours Knows what is beside the frames that are played. @default {every frame is restored alone}
   * @throws {MediaError} if it cannot be read; the player is disposed then.
   */
  static async open(
    entry: SourceEntry,
    player: Player,
    context: FeedContext,
    neighbours?: Pick<FrameNeighbours, "of">,
  ): Promise<RestoringFeed> {
    try {
      return new RestoringFeed(entry, player, await player.info(), context, neighbours);
    } catch (error) {
      await player[Symbol.asyncDispose]();
      throw error;
    }
  }

  get state(): "playing" | "paused" | "ended" {
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
    if (this.description.canSeek) this.#player.seek(seconds);
  }

  step(by: -1 | 1): void {
    if (this.description.canSeek) this.#player.step(by);
  }

  repeat(): void {
    this.#player.repeat();
  }

  async next(settings: () => Settings): Promise<Shot> {
    const moment = await this.#player.next();
    return await this.#restore(moment, settings());
  }

  async still(settings: Settings): Promise<Shot | undefined> {
    const moment = this.#player.current;
    return moment && await this.#restore(moment, { ...settings, region: null, branches: false });
  }

  async #restore(moment: Moment, { region: asked, detail, branches }: Settings): Promise<Shot> {
    const { rotation } = this.#info;
    const { frame, index, seconds, decodedAt } = moment;
    const shown = rotatedSize(frame, rotation);
    const region = clipRegion(asked, shown);
    const coded = unrotateRegion(region, frame, rotation);
    const grown = growRegion(coded, CONTEXT, frame);
    // A copy, because the engine takes its picture away and this frame may be asked for again.
    const { previous, next } = this.#neighbours?.of(frame) ?? {};
    const neighbours = {
      ...(previous && { previous: copyOfRegion(previous, grown) }),
      ...(next && { next: copyOfRegion(next, grown) }),
    };
    const restored = await this.#context.restore(copyOfRegion(frame, grown), {
      detail,
      branches,
      neighbours,
    });
    for (const neighbour of Object.values(neighbours)) freePicture(neighbour);
    const { input, image, up, down } = restored;
    return {
      pictures: [
        { kind: "blurry", picture: input },
        { kind: "result", picture: image },
        ...(up ? [{ kind: "up", picture: up } as const] : []),
        ...(down ? [{ kind: "down", picture: down } as const] : []),
      ],
      inner: { ...coded, x: coded.x - grown.x, y: coded.y - grown.y },
      region,
      rotation,
      ...shown,
      index,
      seconds,
      detail,
      decodedAt,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#player[Symbol.asyncDispose]();
  }
}
