import { Packet } from "node-av/lib";
import { AV_NOPTS_VALUE, AVDISCARD_ALL, AVERROR_EOF } from "node-av/constants";
import { openContainer } from "../ffmpeg/open_container.ts";
import { AVERROR_EAGAIN } from "../ffmpeg/ffmpeg_result.ts";
import { beginningOf, videoStream } from "../ffmpeg/video_stream.ts";
import { type SourceOptions, timeAt } from "../source_options.ts";

/** When each frame of a video is shown, or why that cannot be known without decoding all of it. */
export type VideoScan =
  | {
    /** Times of the frames in ascending order, in units of the stream's time base. No two are the same. */
    readonly times: Float64Array<ArrayBuffer>;
    /** The range: no frame before `from` and from `until` on belongs to it. */
    readonly from: number;
    readonly until: number;
  }
  | { readonly reason: string };

/** Containers that count frames instead of saying when each is shown. */
const COUNTING = /^(?:avi|h264|hevc|mjpeg|m4v|mpegvideo|dv|obu|yuv4mpegpipe)$/;

/** What to scan of a video. */
export type ScanOptions = Pick<SourceOptions, "start" | "duration" | "signal">;

/**
 * Reads the times of the frames of the video that would be restored, from its packets, without decoding any.
 *
 * @throws {MediaError} if the file cannot be read, or holds no video.
 * @throws the signal's reason.
 */
export async function scanVideo(path: string, options: ScanOptions = {}): Promise<VideoScan> {
  const { start, duration, signal } = options;
  const container = await openContainer(path, signal ? { signal } : {});
  try {
    const format = container.iformat?.name ?? "";
    if (COUNTING.test(format)) return { reason: `a file of ${format} does not say when each frame is shown` };
    const stream = videoStream(container, path);
    for (const other of container.streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    using packet = new Packet();
    packet.alloc();
    const times: number[] = [];
    let lastDecoded = -(2n ** 63n);
    for (;;) {
      signal?.throwIfAborted();
      const read = await container.readFrame(packet);
      if (read === AVERROR_EAGAIN) continue;
      if (read === AVERROR_EOF) break;
      if (read < 0) return { reason: "it cannot be read to its end" };
      const { streamIndex, pts, dts } = packet;
      packet.unref();
      if (streamIndex !== stream.index) continue;
      if (pts === AV_NOPTS_VALUE) return { reason: "not every frame says when it is shown" };
      if (dts !== AV_NOPTS_VALUE) {
        if (dts < lastDecoded) return { reason: "its times go back" };
        lastDecoded = dts;
      }
      times.push(Number(pts));
    }
    const beginning = beginningOf(container) + (start ?? 0);
    const from = start === undefined ? Number.MIN_SAFE_INTEGER : Number(timeAt(beginning, stream.timeBase));
    const until = duration === undefined
      ? Number.MAX_SAFE_INTEGER
      : Number(timeAt(beginning + duration, stream.timeBase));
    const sorted = Float64Array.from(times.filter((time) => time >= from && time < until)).sort();
    const isRepeated = sorted.some((time, i) => i > 0 && time === sorted[i - 1]);
    return isRepeated ? { reason: "two frames are shown at the same time" } : { times: sorted, from, until };
  } finally {
    await container.closeInput();
  }
}
