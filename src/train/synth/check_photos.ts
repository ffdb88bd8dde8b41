import type { Picture } from "../../frame.ts";
import { readPicture } from "../data/pair_files.ts";

/**
 * Decodes photos to their end, each once, before anything is made of them: one that is damaged is not to be found after hours.
 *
 * @param refuse Throws what is wrong with one that can be decoded.
 * @throws {MediaError} naming the first that cannot be decoded; what `refuse` throws; the signal's reason.
 */
export async function checkPhotos(
  paths: Iterable<string>,
  { refuse, signal }: {
    readonly refuse?: (photo: Picture, path: string) => void;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<void> {
  for (const path of new Set(paths)) {
    signal?.throwIfAborted();
    const photo = await readPicture(path);
    refuse?.(photo, path);
  }
}
