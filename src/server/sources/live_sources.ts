import { MediaError, messageOf } from "../../errors.ts";
import type { FrameSource } from "../../frame.ts";
import type { SourceEntry } from "../protocol.ts";
import type { Playback, PlaybackContext, PreviewSources } from "./playback.ts";
import { Player } from "./player.ts";
import { RestoringPlayback } from "./restoring_playback.ts";
import { SharedStream } from "./shared_stream.ts";

/**
 * One camera or network stream as the only source, open while it has viewers and shared by them. It is read as fast as it
 * comes: a slow viewer gets the newest frame, never an old one.
 */
export class LiveSources implements PreviewSources {
  readonly mode = "live";
  readonly #entry: SourceEntry;
  readonly #open: () => Promise<FrameSource>;
  #stream: SharedStream | undefined;

  /**
   * @param name What viewers see; not the address, which may hold a password.
   * @param open Opens the stream; it is disposed when the last viewer leaves.
   */
  constructor(name: string, open: () => Promise<FrameSource>) {
    this.#entry = { id: "live", name };
    this.#open = open;
  }

  list(): Promise<readonly SourceEntry[]> {
    return Promise.resolve([this.#entry]);
  }

  passedOver(): Promise<string> {
    return Promise.resolve("");
  }

  async open(id: string, context: PlaybackContext): Promise<Playback> {
    const entry = this.#entry;
    if (id !== entry.id) {
      throw new MediaError(id, `There is no such source. Choose "${entry.id}", the only one`);
    }
    const player = new Player({ open: () => this.#join(), isLive: true, onState: context.onState });
    const playback = await RestoringPlayback.open(player, { entry, context });
    playback.play();
    return playback;
  }

  explain(error: unknown): string {
    return messageOf(error).replaceAll(/\/\/[^/@\s]*@/g, "//");
  }

  /** Joins the stream that is open or being opened. No `await` before that: viewers who come together share one opening. */
  #join(): Promise<FrameSource> {
    if (this.#stream === undefined || this.#stream.hasEnded) this.#stream = new SharedStream(this.#open);
    return this.#stream.join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream?.end();
  }
}
