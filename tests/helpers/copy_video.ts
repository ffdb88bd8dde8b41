import { openVideo, type OpenVideoOptions } from "../../src/stream/open_video.ts";
import { createVideo, type CreateVideoOptions } from "../../src/stream/write_video.ts";

/** Reads and writes a video with nothing between. Returns what the sink noted. */
export async function copyVideo(
  input: string,
  output: string,
  options: Omit<CreateVideoOptions, "source"> & OpenVideoOptions = {},
): Promise<readonly string[]> {
  await using source = await openVideo(input, options);
  await using sink = await createVideo(output, { ...options, source: source.info });
  await source.frames.pipeTo(sink.frames);
  return sink.notes ?? [];
}
