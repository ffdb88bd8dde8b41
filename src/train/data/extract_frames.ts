import { mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { MediaError, messageOf } from "../../errors.ts";
import { writeWhole } from "../../part_file.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { hashFile } from "../../hash_file.ts";
import { encodePng } from "./picture_file.ts";

/** Options of {@linkcode extractFrames}. */
export interface ExtractFramesOptions {
  /** Extract every n-th frame, beginning with the first. @default {two frames per second} */
  readonly every?: number;
  /** Stops the work with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Writes every n-th frame of a video as `directory/NAME-SHA256/NNNNNN.png`: the video's name, the first digits of its hash, and the frame's
 * number. Frames that were extracted before are kept; a video that was replaced under its old name has another hash.
 *
 * @returns Paths in the order of the frames; at least one.
 * @throws {MediaError} if the video cannot be decoded to its end, or the folder cannot be created.
 */
export async function extractFrames(
  path: string,
  directory: string,
  { every, signal }: ExtractFramesOptions = {},
): Promise<string[]> {
  await using video = await openVideo(path, { eightBits: true, ...(signal && { signal }) });
  const step = every ?? Math.max(1, Math.round((video.info.frameRate ?? 2) / 2));
  const folder = join(directory, `${basename(path)}-${(await hashFile(path, signal)).slice(0, HASH_DIGITS)}`);
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new MediaError(folder, `The folder cannot be created: ${messageOf(cause)}`, { cause });
  });
  const frames: string[] = [];
  let number = 0;
  for await (const frame of video.frames) {
    if (number++ % step !== 0) continue;
    const file = join(folder, `${String(number - 1).padStart(6, "0")}.png`);
    if (!await exists(file)) await writeWhole(file, await encodePng(frame), { takeOver: true });
    frames.push(file);
  }
  if (frames.length === 0) throw new MediaError(path, "The video has no frames");
  return frames;
}

/** Enough of a SHA-256 to tell the videos of a run apart. */
const HASH_DIGITS = 16;

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
