import { stat } from "node:fs/promises";
import { MediaError, OptionError } from "../errors.ts";
import type { FrameSource } from "../frame.ts";
import { openVideo } from "./decode/open_video.ts";
import { openPicture, openSequence } from "./pictures/open_pictures.ts";
import { sniffPicture } from "./pictures/sniff_picture.ts";
import type { SourceOptions } from "./source_options.ts";

/** Options of {@linkcode openMedia}; `start` and `duration` do not matter to a single picture. */
export interface OpenMediaOptions extends SourceOptions {
  /**
   * Program that decodes a video, and writes the output made from it, instead of the FFmpeg inside this library: a path, a
   * name on PATH, or "auto" for the one `ffmpeg-static` installed, else the one on PATH. Needs `--allow-run`.
   * @default {FFmpeg inside this library}
   */
  readonly ffmpeg?: string;
}

const MEDIA = "a video, a picture or a folder of pictures";

/**
 * Opens a video file, a picture file or a folder of pictures; "-" is a video that comes through standard input. Its content says which it is, not its name. `frames` fails at
 * its end with a {@linkcode DamagedMediaError} if the input was truncated or damaged, so that no pipeline takes it for
 * whole. The caller disposes the source.
 *
 * @throws {MediaError} if there is nothing at `path` that can be decoded.
 * @throws {FFmpegError} if the program `ffmpeg` fails.
 * @throws {RangeError} if an option has a value that cannot be used.
 */
export async function openMedia(path: string, options: OpenMediaOptions = {}): Promise<FrameSource> {
  options.signal?.throwIfAborted();
  if (path === "-") return await openVideo(path, options);
  const found = await stat(path).catch((cause) => {
    throw new MediaError(path, "No such file or folder. Check the name", { cause });
  });
  if (found.isDirectory()) return await openSequence(path, options);
  if (!found.isFile()) throw new MediaError(path, `This is not a regular file. Use ${MEDIA}`);
  const picture = await sniffPicture(path).catch((cause) => {
    throw new MediaError(path, "The file cannot be read. Check its permissions", { cause });
  });
  if (picture !== undefined) return await openPicture(path, options);
  const { ffmpeg } = options;
  if (ffmpeg === undefined) return await openVideo(path, options);
  if (options.deinterlace !== undefined) {
    throw new OptionError("deinterlace cannot be used with an ffmpeg program. Leave one of them out");
  }
  // Loaded only when asked for.
  const { openVideoProcess } = await import("./process/open_video_process.ts");
  return await openVideoProcess(path, { ...options, ffmpeg });
}
