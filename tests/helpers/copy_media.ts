import { createOutput } from "../../src/stream/create_output.ts";
import { openMedia } from "../../src/stream/open_media.ts";

/** Reads and writes a video, a picture or a folder of pictures with nothing between. Returns what the sink noted. */
export async function copyMedia(input: string, output: string, lossless = true): Promise<readonly string[]> {
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info, lossless });
  await source.frames.pipeTo(sink.frames);
  return sink.notes ?? [];
}
