import type { Picture } from "../../frame.ts";
import { readPicture } from "./picture_file.ts";

/**
 * Decoded pictures by path, least recently used ones dropped first: small data sets are decoded once, large ones (GoPro's take
 * 12 GB) repeatedly.
 */
export class PictureCache {
  readonly #most: number;
  readonly #read: (path: string) => Promise<Picture>;
  /** The least recently used first. */
  readonly #pictures = new Map<string, Picture>();
  #bytes = 0;

  /** @param most Bytes of pictures to keep. @param read Decodes a picture. @default {readPicture} */
  constructor(most: number, read: (path: string) => Promise<Picture> = readPicture) {
    this.#most = most;
    this.#read = read;
  }

  /** The picture of a file, which callers must not change. */
  async get(path: string): Promise<Picture> {
    const known = this.#pictures.get(path);
    const picture = known ?? await this.#read(path);
    this.#forget(path); // moves it to the end; another call may have read it meanwhile
    this.#pictures.set(path, picture);
    this.#bytes += picture.data.byteLength;
    for (const [oldest] of this.#pictures) {
      if (this.#bytes <= this.#most || oldest === path) break;
      this.#forget(oldest);
    }
    return picture;
  }

  #forget(path: string): void {
    const picture = this.#pictures.get(path);
    if (picture !== undefined) this.#bytes -= picture.data.byteLength;
    this.#pictures.delete(path);
  }
}
