import type { Picture } from "../../frame.ts";
import { readPicture } from "./pair_files.ts";

/**
 * Decoded pictures by path, the ones used last within a budget of memory: small data sets are decoded once, large ones (GoPro's
 * take 12 GB) again and again.
 */
export class PictureCache {
  readonly #most: number;
  readonly #read: (path: string) => Promise<Picture>;
  /** In the order of their last use. */
  readonly #pictures = new Map<string, Picture>();
  #bytes = 0;

  /** @param most Bytes of pictures that are kept. @param read Decodes a picture. @default {readPicture} */
  constructor(most: number, read: (path: string) => Promise<Picture> = readPicture) {
    this.#most = most;
    this.#read = read;
  }

  /** The picture of a file. Not to be changed. */
  async get(path: string): Promise<Picture> {
    const known = this.#pictures.get(path);
    const picture = known ?? await this.#read(path);
    this.#forget(path); // it moves to the end, or another call has read it meanwhile
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
