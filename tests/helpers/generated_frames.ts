import { avGetPixFmtName, FFmpegError, FilterGraph, Frame } from "node-av/lib";
import type { AVPixelFormat } from "node-av/constants";

/**
 * Frames of one of FFmpeg's generators ("testsrc2=s=64x48:d=1"), which must end. The caller frees each.
 */
export async function* generatedFrames(source: string, pixelFormat: AVPixelFormat): AsyncGenerator<Frame> {
  using graph = new FilterGraph();
  graph.alloc();
  must(graph.parse2(`${source},format=${avGetPixFmtName(pixelFormat)},buffersink@out`));
  must(await graph.config());
  const sink = graph.filters?.find(({ filter }) => filter?.name === "buffersink");
  if (!sink) throw new Error(`${source} has no end`);
  for (;;) {
    const frame = new Frame();
    frame.alloc();
    if (await sink.buffersinkGetFrame(frame) < 0) return frame.free();
    yield frame;
  }
}

function must(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
