import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { codeOf, MediaError, messageOf } from "../../errors.ts";
import { guardWrite, PartFile } from "../../part_file.ts";
import { encodePng } from "../data/picture_file.ts";
import type { SynthPair } from "./exposure.ts";
import { MANIFEST_NAME, readManifest, type SynthManifest } from "./synth_manifest.ts";

/** Options of {@linkcode PairFolder.create}. */
export interface PairFolderOptions {
  /** Replace a folder that was synthesised before. Any other folder that is not empty is never replaced. @default {false} */
  readonly overwrite?: boolean;
}

/**
 * A folder of training pairs that is being written, in GoPro's layout: `SEQUENCE/{blur,blur_gamma,sharp}/NNNNNN.png`. It grows as
 * `NAME.part` and gets its name by {@linkcode finish}; disposing it before that removes it.
 */
export class PairFolder implements AsyncDisposable {
  readonly #part: PartFile;
  readonly #folders = new Set<string>();

  private constructor(part: PartFile) {
    this.#part = part;
  }

  /** Creates the folder. @throws {MediaError} if a file or folder is in the way, or the folder cannot be created. */
  static async create(path: string, { overwrite = false }: PairFolderOptions = {}): Promise<PairFolder> {
    await refuseExisting(path, overwrite);
    await mkdir(dirname(resolve(path)), { recursive: true }).catch((cause) => {
      throw new MediaError(path, `The folder cannot be created: ${messageOf(cause)}`, { cause });
    });
    return new PairFolder(await PartFile.create(path, { folder: true, replace: true, overwrite: true }));
  }

  /** Writes a pair as `name` (sequence and number). @throws {MediaError} if it cannot be written. */
  async write(name: string, { blurry, sharp }: SynthPair): Promise<void> {
    const writing = [...blurry, ["sharp", sharp] as const].map(async ([kind, picture]) => {
      const [sequence = "", file = ""] = name.split("/");
      const folder = join(this.#part.partPath, sequence, kind);
      const path = join(folder, `${file}.png`);
      const png = await encodePng(picture);
      await guardWrite(path, async () => {
        if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true });
        this.#folders.add(folder);
        await writeFile(path, png);
      });
    });
    // Wait for all of them before one is reported as failed: one still writing would create the discarded folder again.
    await Promise.allSettled(writing);
    await Promise.all(writing);
  }

  /** Writes the manifest and gives the folder its name. @throws {MediaError} if it cannot be written. */
  async finish(manifest: SynthManifest): Promise<void> {
    const path = join(this.#part.partPath, MANIFEST_NAME);
    await guardWrite(path, async () => {
      await writeFile(path, JSON.stringify(manifest, null, 1) + "\n");
      await this.#part.complete();
    });
  }

  /** Removes what was written, unless it is finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#part.discard();
  }
}

async function refuseExisting(path: string, overwrite: boolean): Promise<void> {
  const found = await statOf(path);
  if (found === undefined) return;
  if (!found.isDirectory()) throw new MediaError(path, "The output is a file. Give the name of a folder");
  if ((await readdir(path)).length === 0) return;
  if (!overwrite) throw new MediaError(path, "The output exists. Use another name, or --overwrite");
  await readManifest(path).catch((cause) => {
    const why = "It is not overwritten, because it holds something else than synthesised pairs";
    throw new MediaError(path, `${why}. Use another name`, { cause });
  });
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new MediaError(path, `Cannot look at this path: ${messageOf(cause)}`, { cause });
  }
}
