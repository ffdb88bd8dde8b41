import type { FrameSink } from "../frame.ts";
import { createPicture, createSequence } from "./write_pictures.ts";
import { createVideo, type CreateVideoOptions } from "./write_video.ts";

/** Options of {@linkcode createOutput}; codec and crf do not matter to pictures. */
export type CreateOutputOptions = CreateVideoOptions;

/**
 * Starts writing what `options.source` is: a video file, a picture, or a folder of pictures. What an ffmpeg program of the
 * user's own decodes, it writes too. The output grows as
 * `NAME.part` beside its final place and gets its name when `frames` is closed.
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the input, or cannot be written there.
 */
export async function createOutput(path: string, options: CreateOutputOptions): Promise<FrameSink> {
  switch (options.source.kind) {
    case "picture":
      return await createPicture(path, options);
    case "sequence":
      return await createSequence(path, options);
    case "video":
      if (options.source.ffmpeg) {
        // Loaded when it is wanted: most have no use for it.
        return await (await import("./write_video_process.ts")).createVideoProcess(path, options);
      }
      return await createVideo(path, options);
    case "live":
      return await createVideo(path, options);
  }
}
