import { readdir } from "node:fs/promises";
import { extname } from "node:path";
import { MediaError } from "../../errors.ts";

const EXTENSIONS = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"];

/** Names of the photos in a folder (not in folders within), sorted; at least one. @throws {MediaError} if there is none. */
export async function listPhotos(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MediaError(folder, `Cannot be read as a folder of photos: ${reason}`, { cause: error });
  }
  const photos = names.filter((name) => EXTENSIONS.includes(extname(name).toLowerCase())).sort();
  if (photos.length === 0) throw new MediaError(folder, `Holds no photos; wanted ${EXTENSIONS.join(", ")}`);
  return photos;
}
