import sharp from "sharp";
import type { OpenMedia } from "../jobs/run_job.ts";

/** Options of {@linkcode Thumbnails}. */
export interface ThumbnailsOptions {
  readonly openMedia: OpenMedia;
  /** Absolute path of a source. @throws {MediaError} if there is none of that id. */
  readonly pathOf: (source: string) => Promise<string>;
}

/** Pictures of a strip, side by side. */
export const THUMBNAILS = 12;
/** Pixels of each. */
const SIZE = { width: 96, height: 54 };
const MOST_STRIPS = 50;

/** Small pictures of videos for the timeline: evenly spaced frames side by side, as one JPEG. Made once, one video at a time. */
export class Thumbnails {
  readonly #options: ThumbnailsOptions;
  readonly #strips = new Map<string, Promise<Uint8Array<ArrayBuffer> | undefined>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ThumbnailsOptions) {
    this.#options = options;
  }

  /**
   * The strip of a source; `undefined` if it is no video of known length.
   *
   * @throws {MediaError} if there is no such source or it cannot be read.
   */
  async strip(source: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = await this.#options.pathOf(source);
    const known = this.#strips.get(path);
    if (known !== undefined) return await known;
    const making = this.#last.then(() => this.#make(path));
    this.#last = making.catch(() => undefined); // whoever asked is told
    this.#strips.set(path, making);
    making.catch(() => this.#strips.delete(path));
    const [oldest] = this.#strips.keys();
    if (this.#strips.size > MOST_STRIPS && oldest !== undefined) this.#strips.delete(oldest);
    return await making;
  }

  async #make(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { openMedia } = this.#options;
    const seconds = await (async () => {
      await using source = await openMedia(path);
      return source.info.kind === "video" ? source.info.seconds : undefined;
    })();
    if (seconds === undefined) return undefined;
    const parts: { input: Buffer; left: number; top: number }[] = [];
    for (let i = 0; i < THUMBNAILS; i++) {
      const input = await this.#picture(path, seconds * i / THUMBNAILS);
      if (input !== undefined) parts.push({ input, left: i * SIZE.width, top: 0 });
    }
    const background = {
      width: THUMBNAILS * SIZE.width,
      height: SIZE.height,
      channels: 3,
      background: "#000",
    } as const;
    return new Uint8Array(
      await sharp({ create: background }).composite(parts).jpeg({ quality: 70 }).toBuffer(),
    );
  }

  /** The frame at a time, cut to the size of a thumbnail; `undefined` if it cannot be decoded. */
  async #picture(path: string, start: number): Promise<Buffer | undefined> {
    await using source = await this.#options.openMedia(path, { start });
    const reader = source.frames.getReader();
    const { value: frame } = await reader.read().catch(() => ({ value: undefined })); // damaged here: a gap in the strip
    reader.cancel().catch(() => undefined); // the source is closed below
    if (frame === undefined) return undefined;
    const { data, width, height } = frame;
    const { rotation, pixelAspect = 1 } = source.info;
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    const stretched = { width: Math.max(1, Math.round(width * pixelAspect)), height, fit: "fill" } as const;
    const square = pixelAspect === 1 ? image : sharp(await image.resize(stretched).png().toBuffer());
    const turned = await square.rotate(rotation).toColourspace("srgb").png().toBuffer();
    return await sharp(turned).resize({ ...SIZE, fit: "cover" }).png().toBuffer();
  }
}
