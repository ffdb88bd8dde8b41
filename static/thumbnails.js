// @ts-check
/** @import { SourceDescription } from "../src/server/protocol.ts" */
import { element } from "./elements.js";

/** Small pictures of the clip below its timeline. They are an ornament: without them nothing is missing. */
export class Thumbnails {
  #fetch;
  #shown = "";

  /** @param {(path: string) => Promise<Response>} fetch */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** @param {SourceDescription | undefined} source */
  async show(source) {
    const id = source?.kind === "video" && source.canSeek ? source.id : "";
    if (id === this.#shown) return;
    this.#shown = id;
    const image = element("thumbnails", HTMLImageElement);
    if (image.src !== "") URL.revokeObjectURL(image.src);
    image.removeAttribute("src");
    image.hidden = true;
    if (id === "") return;
    try {
      const answer = await this.#fetch(`/api/thumbnails?source=${encodeURIComponent(id)}`);
      if (!answer.ok) return;
      const url = URL.createObjectURL(await answer.blob());
      if (id !== this.#shown) return URL.revokeObjectURL(url);
      image.src = url;
      image.hidden = false;
    } catch {
      if (id === this.#shown) this.#shown = ""; // the server is gone, which the connection says: the next time, then
    }
  }
}
