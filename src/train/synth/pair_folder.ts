import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import sharp from "sharp";
import { MediaError, messageOf } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { guardWrite } from "../../part_file.ts";
import { addUnfinished, deleteUnfinished } from "../../unfinished_outputs.ts";
import type { SynthPair } from "./exposure.ts";
import { MANIFEST_NAME, readManifest, type SynthManifest } from "./synth_manifest.ts";

/** Options of {@linkcode PairFolder.create}. */
export interface PairFolderOptions {
  /** Replace a folder that was synthesised before. Any other folder with something in it is never replaced. @default {false} */
  readonly overwrite?: boolean;
}

/**
 * A folder of training pairs being written, in GoPro's layout: `SEQUENCE/{blur,blur_gamma,sharp}/NNNNNN.png`. It grows as
 * `NAME.part` beside its final place and is renamed by {@linkcode finish}; disposing it before that removes it.
 */
export class PairFolder implements AsyncDisposable {
  readonly #path: string;
  readonly #part: string;
  readonly #folders = new Set<string>();
  #isFinished = false;

  private constructor(path: string) {
    this.#path = resolve(path);
    this.#part = `${this.#path}.part`;
  }

  /** Starts a folder. @throws {MediaError} if there is something in the way, or the folder cannot be made. */
  static async create(path: string, { overwrite = false }: PairFolderOptions = {}): Promise<PairFolder> {
    await refuseExisting(path, overwrite);
    const folder = new PairFolder(path);
    try {
      await mkdir(dirname(folder.#part), { recursive: true });
      await mkdir(folder.#part);
      addUnfinished(folder.#part);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") {
        const what = "is there already: another run writes it, or one that was killed left it";
        throw new MediaError(folder.#part, `${what}; wanted it gone`, { cause: error });
      }
      throw new MediaError(path, `Cannot make the folder: ${messageOf(error)}`, { cause: error });
    }
    return folder;
  }

  /** Writes a pair as `name` (sequence and number). @throws {MediaError} if the disk takes no more. */
  async write(name: string, { blurry, sharp }: SynthPair): Promise<void> {
    const writing = [...blurry, ["sharp", sharp] as const].map(async ([kind, picture]) => {
      const [sequence = "", file = ""] = name.split("/");
      const folder = join(this.#part, sequence, kind);
      const path = join(folder, `${file}.png`);
      const png = await encodePng(picture);
      await guardWrite(path, async () => {
        if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true });
        this.#folders.add(folder);
        await writeFile(path, png);
      });
    });
    // All have ended before one is told to have failed: one on its way would bring back the folder that disposing removes.
    await Promise.allSettled(writing);
    await Promise.all(writing);
  }

  /** Writes the manifest and puts the folder in its place. @throws {MediaError} if the disk takes no more. */
  async finish(manifest: SynthManifest): Promise<void> {
    const path = join(this.#part, MANIFEST_NAME);
    await guardWrite(path, () => writeFile(path, JSON.stringify(manifest, null, 1) + "\n"));
    const old = `${this.#path}.old.part`;
    await rm(old, { recursive: true, force: true });
    if (await exists(this.#path)) await rename(this.#path, old);
    await rename(this.#part, this.#path);
    this.#isFinished = true;
    deleteUnfinished(this.#part);
    await rm(old, { recursive: true, force: true });
  }

  /** Removes what was written, unless it is finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return;
    await rm(this.#part, { recursive: true, force: true });
    deleteUnfinished(this.#part);
  }
}

/** A picture as the bytes of a PNG file: the same bytes for the same picture. */
export async function encodePng({ data, width, height }: Picture): Promise<Uint8Array> {
  return await sharp(data, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 6 }).toBuffer();
}

async function refuseExisting(path: string, overwrite: boolean): Promise<void> {
  if (!await exists(path)) return;
  if (!(await stat(path)).isDirectory()) {
    throw new MediaError(path, "Is a file; wanted a folder to write pairs to");
  }
  if ((await readdir(path)).length === 0) return;
  if (!overwrite) throw new MediaError(path, "Exists already; wanted a new folder, or --overwrite");
  await readManifest(path).catch((error) => {
    throw new MediaError(path, "Holds something else than synthesised pairs, so it is not overwritten", {
      cause: error,
    });
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw new MediaError(path, `Cannot be looked at: ${messageOf(error)}`, { cause: error });
  }
}
