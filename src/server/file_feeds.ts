import { messageOf } from "../errors.ts";
import type { FrameSource } from "../frame.ts";
import type { Catalog } from "./catalog.ts";
import type { Feed, FeedContext, FeedSource } from "./feed.ts";
import { FrameNeighbours } from "./frame_neighbours.ts";
import { Player } from "./player.ts";
import type { SourceEntry } from "./protocol.ts";
import { RestoringFeed } from "./restoring_feed.ts";

/** Opens a file from `start` seconds on. */
export type OpenFile = (path: string, options: { readonly start: number }) => Promise<FrameSource>;

/** Feeds from the files of a catalog; each viewer has its own decoder and position. */
export class FileFeeds implements FeedSource {
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

  async open(id: string, context: FeedContext): Promise<Feed> {
    const entry = (await this.list()).find((entry) => entry.id === id);
    const path = await this.#catalog.path(id);
    const neighbours = new FrameNeighbours();
    const player = new Player({
      open: async (start) => neighbours.watch(await this.#open(path, { start })),
      onState: context.onState,
    });
    return await RestoringFeed.open(entry ?? { id, name: id }, player, context, neighbours);
  }

  explain(error: unknown): string {
    return messageOf(error).replaceAll(this.#catalog.folder, "");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
