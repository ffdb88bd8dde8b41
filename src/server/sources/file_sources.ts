import { messageOf } from "../../errors.ts";
import type { OpenMedia } from "../jobs/run_job.ts";
import type { JobResult } from "../jobs/watched_job.ts";
import type { SourceEntry } from "../protocol.ts";
import type { Catalog } from "./catalog.ts";
import { type ComparedFile, ComparePlayback } from "./compare_playback.ts";
import type { Playback, PlaybackContext, PlaybackEnd, PreviewSources } from "./playback.ts";
import { Player } from "./player.ts";
import { RestoringPlayback } from "./restoring_playback.ts";
import { type ReadFrameTimes, TimesOfFile } from "./times_of_file.ts";

/** How files are read. */
export interface FileReading {
  /** Opens a part of a file. */
  readonly openMedia: OpenMedia;
  readonly readFrameTimes: ReadFrameTimes;
}

/** Milliseconds that opening a file waits for its frame times, which then number its first frame too. */
const TIMES_MS = 300;

/** The files of a catalog; each viewer has a decoder and a position of its own. */
export class FileSources implements PreviewSources {
  readonly mode = "files";
  readonly #catalog: Catalog;
  readonly #reading: FileReading;

  constructor(catalog: Catalog, reading: FileReading) {
    this.#catalog = catalog;
    this.#reading = reading;
  }

  list(): Promise<readonly SourceEntry[]> {
    return this.#catalog.list();
  }

  passedOver(): Promise<string> {
    return this.#catalog.passedOver();
  }

  async open(id: string, context: PlaybackContext): Promise<Playback> {
    const entry = (await this.list()).find((entry) => entry.id === id);
    const path = await this.#catalog.path(id);
    const times = new TimesOfFile(path, this.#reading.readFrameTimes, () => {
      player.repeat(); // with its number, which was estimated
      context.onState();
    });
    const player: Player = new Player({
      open: (range) => this.#reading.openMedia(path, range),
      times: () => times.known,
      onState: context.onState,
    });
    const playback = await RestoringPlayback.open(player, {
      entry: entry ?? { id, name: id },
      context,
      times,
    }).catch(async (error) => {
      await times[Symbol.asyncDispose]();
      throw error;
    });
    await times.wait(TIMES_MS);
    return playback;
  }

  /** Opens input and output of a finished job. */
  async compare(
    entry: SourceEntry,
    { input, output, ...result }: JobResult,
    end: PlaybackEnd,
    onState: () => void,
  ) {
    return await ComparePlayback.open({
      entry,
      input: await this.#fileAt(input),
      output: await this.#fileAt(output),
      result,
      end,
      onState,
    });
  }

  async #fileAt(path: string): Promise<ComparedFile> {
    await using times = new TimesOfFile(path, this.#reading.readFrameTimes);
    await times.wait();
    return { open: (range) => this.#reading.openMedia(path, range), times: times.known };
  }

  explain(error: unknown): string {
    return messageOf(error).replaceAll(this.#catalog.folder, "");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
