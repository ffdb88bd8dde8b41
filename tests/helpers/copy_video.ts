import type { MediaInfo } from "../../src/frame.ts";
import { openVideo } from "../../src/stream/decode/open_video.ts";
import { createVideo, type CreateVideoOptions } from "../../src/stream/encode/create_video.ts";
import type { SinkOptions } from "../../src/stream/sink_options.ts";
import type { SourceOptions } from "../../src/stream/source_options.ts";

/** What makes a new video one of the frames of this source, and of everything else in its file. */
export function likeSource(info: MediaInfo): Pick<CreateVideoOptions, "template" | "copy"> {
  return { template: info, copy: { path: info.path, range: info.range } };
}

/** Reads and writes a video with nothing between. Returns what the sink noted. */
export async function copyVideo(
  input: string,
  output: string,
  options: SinkOptions & SourceOptions = {},
): Promise<readonly string[]> {
  await using source = await openVideo(input, options);
  await using sink = await createVideo(output, { ...options, ...likeSource(source.info) });
  await source.frames.pipeTo(sink.frames);
  return sink.notes ?? [];
}
