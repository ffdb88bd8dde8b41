import { messageOf } from "../../errors.ts";
import type { FrameSource } from "../../frame.ts";
import type { SourceEntry } from "../protocol.ts";
import type { Catalog } from "./catalog.ts";
import { FrameNeighbours } from "./frame_neighbours.ts";
import type { Playback, PlaybackContext, PreviewSources } from "./playback.ts";
import { Player } from "./player.ts";
import { RestoringPlayback } from "./restoring_playback.ts";

/** Opens a file from `start` seconds on. */
export type OpenFile = (path: string, options: { readonly start: number }) => Promise<FrameSource>;

/** The files of a catalog; each viewer has a decoder and a position of its own. */
export class FileSources implements PreviewSources {
  readonly mode = "files";
  readonly #catalog: Catalog;
  readonly #open: OpenFile;

  constructor(catalog: Catalog, open: OpenFile) {
    this.#catalog = catalog;
    this.#open = open;
  }

  list(): Promise<readonly SourceEntry[]> {
    return this.#catalog.list();
  }

  async open(id: string, context: PlaybackContext): Promise<Playback> {
    const entry = (await this.list()).find((entry) => entry.id === id);
    const path = await this.#catalog.path(id);
    const neighbours = new FrameNeighbours();
    const player = new Player({
      open: async (start) => neighbours.watch(await this.#open(path, { start })),
      onState: context.onState,
    });
    return await RestoringPlayback.open(entry ?? { id, name: id }, player, context, neighbours);
  }

  explain(error: unknown): string {
    return messageOf(error).replaceAll(this.#catalog.folder, "");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
