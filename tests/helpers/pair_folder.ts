import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import type { Picture } from "../../src/frame.ts";

/** A folder of pictures that is gone when it is disposed. */
export class PairFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<PairFolder> {
    return new PairFolder(await mkdtemp(join(tmpdir(), "pairs-test-")));
  }

  /** Writes a PNG or lossless WebP, by the ending of `name`, and the folders above it. */
  async write(name: string, { data, width, height }: Picture): Promise<void> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    await (name.endsWith(".webp") ? image.webp({ lossless: true }) : image.png()).toFile(path);
  }

  /** Writes a file that is no picture, whatever its name says. */
  async writeText(name: string): Promise<void> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "not a picture");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

/** A picture all of whose samples have one value. */
export function flat(value: number, width = 16, height = 12): Picture {
  return { data: new Uint8Array(3 * width * height).fill(value), width, height };
}
