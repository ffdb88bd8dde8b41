import { MediaError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { listMedia } from "../../list_media.ts";
import { readPicture } from "./picture_file.ts";

/**
 * Names of the photos in a folder (not in folders within), in the order of the numbers in them; at least one.
 *
 * @throws {MediaError} if the folder cannot be read, or has no photos.
 */
export async function listPhotos(folder: string): Promise<string[]> {
  const photos = await listMedia(folder, ["picture"]);
  if (photos.length > 0) return photos;
  throw new MediaError(folder, "There are no photos in this folder. Use JPEG, PNG, WebP or TIFF files");
}

/**
 * Decodes photos completely, each once, so that a damaged one is found before hours of work.
 *
 * @param refuse Throws if a decoded photo cannot be used.
 * @throws {MediaError} naming the first photo that cannot be decoded; what `refuse` throws; the signal's reason.
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
