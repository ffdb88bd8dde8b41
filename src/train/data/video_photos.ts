import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MediaError } from "../../errors.ts";
import { writeWhole } from "../../part_file.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { encodePng } from "../synth/pair_folder.ts";

/** Options of {@linkcode videoPhotos}. */
export interface VideoPhotosOptions {
  /** Take every so many frames, the first one included. @default {two a second} */
  readonly every?: number;
  /** Ends the work with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Writes every n-th frame of a video as `directory/NNNNNN.png` (the frame's number), to serve as sharp photos. Frames that lie
 * there already are kept.
 *
 * @returns Paths in the order of the frames; at least one.
 * @throws {MediaError} if the video cannot be decoded to its end, or the folder cannot be made.
 */
export async function videoPhotos(
  path: string,
  directory: string,
  { every, signal }: VideoPhotosOptions = {},
): Promise<string[]> {
  await using video = await openVideo(path, signal && { signal });
  const step = every ?? Math.max(1, Math.round((video.info.frameRate ?? 2) / 2));
  await mkdir(directory, { recursive: true }).catch((cause) => {
    throw new MediaError(directory, "Cannot make this folder; wanted one that may be written", { cause });
  });
  const photos: string[] = [];
  let number = 0;
  for await (const frame of video.frames) {
    if (number++ % step !== 0) continue;
    const photo = join(directory, `${String(number - 1).padStart(6, "0")}.png`);
    if (!await isThere(photo)) await writeWhole(photo, await encodePng(frame), { takeOver: true });
    photos.push(photo);
  }
  if (video.damage !== undefined) throw new MediaError(path, video.damage);
  if (photos.length === 0) throw new MediaError(path, "Has no frames; wanted one or more");
  return photos;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
