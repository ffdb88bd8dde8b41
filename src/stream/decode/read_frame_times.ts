import { Packet } from "node-av/lib";
import { AV_NOPTS_VALUE, AV_PKT_FLAG_DISCARD, AVDISCARD_ALL } from "node-av/constants";
import { openContainer } from "../ffmpeg/open_container.ts";
import { beginningOf, videoStream } from "../ffmpeg/video_stream.ts";

/** Frames after which the event loop gets a turn. */
const TURN = 500;

/**
 * When each frame of a video file is shown, in seconds from the beginning of the file, in their order. Reads the file without
 * decoding it.
 *
 * @returns `undefined` if the file does not say it of every frame.
 * @throws {MediaError} if the file cannot be read or holds no video; `signal.reason` when aborted.
 */
export async function readFrameTimes(path: string, signal?: AbortSignal): Promise<Float64Array | undefined> {
  await using opened = new AsyncDisposableStack();
  const container = opened.adopt(
    await openContainer(path, signal && { signal }),
    (context) => context.closeInput(),
  );
  const video = videoStream(container, path);
  for (const stream of container.streams) if (stream.index !== video.index) stream.discard = AVDISCARD_ALL;
  const packet = opened.adopt(new Packet(), (packet) => packet.free());
  packet.alloc();
  const { num, den } = video.timeBase;
  const beginning = beginningOf(container);
  const times: number[] = [];
  for (let read = 0; await container.readFrame(packet) >= 0; read++) {
    const { pts } = packet;
    const isShown = packet.streamIndex === video.index && !packet.hasFlags(AV_PKT_FLAG_DISCARD);
    packet.unref();
    signal?.throwIfAborted();
    if (isShown && pts === AV_NOPTS_VALUE) return undefined;
    if (isShown) times.push(Number(pts) * num / den - beginning);
    if (read % TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return Float64Array.from(times).sort();
}
