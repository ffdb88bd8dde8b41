import { stat } from "node:fs/promises";
import { MediaError } from "../errors.ts";
import type { FrameSource } from "../frame.ts";
import { openPicture, openSequence } from "./open_pictures.ts";
import { openVideo, type OpenVideoOptions } from "./open_video.ts";
import { sniffPicture } from "./picture_file.ts";

/** Options of {@linkcode openMedia}; `start` and `duration` do not matter to a single picture. */
export interface OpenMediaOptions extends OpenVideoOptions {
  /**
   * Program that decodes a video, and writes the output made from it, instead of the FFmpeg inside this library: a path, a
   * name on PATH, or "auto" for the one `ffmpeg-static` installed, else the one on PATH. Needs `--allow-run`.
   * @default {FFmpeg inside this library}
   */
  readonly ffmpeg?: string;
}

/**
 * Opens a video file, a picture file or a folder of pictures, whichever `path` is; what it is is read from its
 * content, not from its name. The caller disposes the source.
 *
 * @throws {MediaError} if there is nothing at `path` that can be decoded, or it is a video of more than 8 bits.
 * @throws {FFmpegError} if the program `ffmpeg` fails.
 */
export async function openMedia(path: string, options: OpenMediaOptions = {}): Promise<FrameSource> {
  options.signal?.throwIfAborted();
  const found = await stat(path).catch((cause) => {
    throw new MediaError(path, "No such file or folder; wanted a video, a picture or a folder of pictures", {
      cause,
    });
  });
  if (found.isDirectory()) return await openSequence(path, options);
  if (!found.isFile()) {
    throw new MediaError(path, "This is no regular file; wanted a video, a picture or a folder of pictures");
  }
  const picture = await sniffPicture(path).catch((cause) => {
    throw new MediaError(path, "Cannot read the file; wanted one that may be read", { cause });
  });
  if (picture !== undefined) return await openPicture(path, options);
  const { ffmpeg } = options;
  if (ffmpeg === undefined) return await openVideo(path, options);
  // Loaded when it is wanted: most have no use for it.
  const { openVideoProcess } = await import("./open_video_process.ts");
  return await openVideoProcess(path, { ...options, ffmpeg });
}
