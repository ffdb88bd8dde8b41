import type { Region } from "../crop_picture.ts";
import { codedRegion } from "../display_region.ts";
import { MediaError } from "../errors.ts";
import type { FrameSink, MediaInfo } from "../frame.ts";
import { canMove, kindByName, numberedPictures } from "../media_name.ts";
import { refuseInput } from "../part_file.ts";
import { createVideo } from "./encode/create_video.ts";
import { createNumberedPictures } from "./pictures/create_numbered_pictures.ts";
import { createPicture, createSequence } from "./pictures/create_pictures.ts";
import { createPipe } from "./pipe/create_pipe.ts";
import type { PipeFormat } from "./pipe_formats.ts";
import type { SinkOptions, VideoTemplate } from "./sink_options.ts";

/** Options of {@linkcode createOutput}. */
export interface CreateOutputOptions extends SinkOptions {
  /** The source whose frames will be written: `FrameSource.info`. Everything beside the pictures is copied from its files. */
  readonly source: MediaInfo;
  /** The part of its pictures that the frames show, in pixels as displayed: the `crop` of `deblur`. @default {all of them} */
  readonly crop?: Region;
  /** Container of what is written to standard output, of which "-" is the path. @default {"y4m"} */
  readonly format?: PipeFormat;
}

/**
 * What a video of a folder of pictures is like: 4:2:0 of BT.709, of 10 bits where the pictures have 16.
 *
 * @throws {MediaError} if they are to be turned, which a video does for all of its frames or none.
 */
function asVideo(source: MediaInfo): VideoTemplate {
  if (source.rotation !== 0) {
    throw new MediaError(
      source.path,
      "Its pictures are turned by EXIF tags, which a video does not have. Turn them first",
    );
  }
  const isDeep = /(?:48|64)le$/.test(source.samples?.pixelFormat ?? "");
  const samples = { range: "limited", matrix: 1, primaries: 1, transfer: 1, chromaLocation: 1 } as const;
  return { ...source, samples: { ...samples, pixelFormat: isDeep ? "yuv420p10le" : "yuv420p" } };
}

/**
 * Starts writing what `options.source` is: a video file, a picture, or a folder of pictures, which also becomes a video, by the
 * name of one; a video also becomes numbered pictures, by a pattern of names such as "frames/%06d.png"; to standard output, a video. What an ffmpeg program of the
 * user's own decodes, it writes too. The output grows as
 * `NAME.part` beside its final place and gets its name when `frames` is closed.
 *
 * @throws {OptionError} if `crop` does not lie inside the picture.
 * @throws {MediaError} if the output exists (without `overwrite`), is the input, or cannot be written there.
 */
export async function createOutput(path: string, options: CreateOutputOptions): Promise<FrameSink> {
  const { source, format, crop, ...how } = options;
  const region = crop && codedRegion(crop, source);
  // What comes through a pipe is read once: nothing beside the pictures can be copied from it.
  const copy = source.path === "-" ? undefined : { path: source.path, range: source.range };
  if (path === "-") {
    return await createPipe({
      ...how,
      format,
      template: source.kind === "sequence" ? asVideo(source) : source,
      copy: source.kind === "video" ? copy : undefined,
    });
  }
  await refuseInput(path, [source.path]);
  if (numberedPictures(path) !== undefined && source.kind !== "picture") {
    if (source.kind !== "sequence") return await createNumberedPictures(path, { ...how, source });
    throw new MediaError(path, "Pictures of a folder keep their names. Use the name of another folder");
  }
  switch (source.kind) {
    case "picture":
      return await createPicture(path, { ...how, copy: source.path, region });
    case "sequence": {
      if (canMove(path)) {
        const template = kindByName(path) === "video" ? asVideo(source) : source;
        return await createVideo(path, { ...how, template });
      }
      const { path: folder, pictures: names = [] } = source;
      return await createSequence(path, { ...how, copy: { folder, names }, region });
    }
    case "video": {
      const asked = { ...how, template: source, copy };
      if (source.ffmpeg === undefined || copy === undefined) return await createVideo(path, asked);
      // Loaded only when asked for.
      return await (await import("./process/create_video_process.ts")).createVideoProcess(path, {
        ...asked,
        copy,
      });
    }
    case "live":
      return await createVideo(path, { ...how, template: source });
  }
}
