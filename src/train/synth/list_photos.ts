import { readdir } from "node:fs/promises";
import { MediaError, messageOf } from "../../errors.ts";
import { kindByName } from "../../media_name.ts";

/** Names of the photos in a folder (not in folders within), sorted; at least one. @throws {MediaError} if there is none. */
export async function listPhotos(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const reason = messageOf(error);
    throw new MediaError(folder, `Cannot be read as a folder of photos: ${reason}`, { cause: error });
  }
  const photos = names.filter((name) => kindByName(name) === "picture").sort();
  if (photos.length === 0) throw new MediaError(folder, `Holds no photos; wanted JPEG, PNG, WebP or TIFF`);
  return photos;
}
