import type { FrameSink, FrameSource } from "./frame.ts";
import type { CreateOutputOptions } from "./stream/create_output.ts";
import type { LiveSource, OpenLiveOptions } from "./stream/live/open_live.ts";
import type { OpenMediaOptions } from "./stream/open_media.ts";

// FFmpeg and sharp need permissions to be loaded. These functions load them on their first call, so that a program that
// only reads weights or exports a network can import the library without.

/**
 * Opens a video file, a picture file or a folder of pictures; which of them is decided by content, not by name. The caller
 * disposes the source.
 *
 * @throws {MediaError} if there is nothing at `path` that can be decoded.
 * @throws {FFmpegError} if the program `ffmpeg` fails.
 */
export async function openMedia(path: string, options: OpenMediaOptions = {}): Promise<FrameSource> {
  return await (await import("./stream/open_media.ts")).openMedia(path, options);
}

/**
 * When each frame of a video file is shown, in seconds from the beginning of the file, in their order. Reads the file without
 * decoding it.
 *
 * @returns `undefined` if the file does not say it of every frame.
 * @throws {MediaError} if the file cannot be read or holds no video; `signal.reason` when aborted.
 */
export async function readFrameTimes(path: string, signal?: AbortSignal): Promise<Float64Array | undefined> {
  return await (await import("./stream/decode/read_frame_times.ts")).readFrameTimes(path, signal);
}

/**
 * Opens a camera (`/dev/video0`) or a network stream (`rtsp://`, `udp://` and `tcp://` with MPEG-TS). This is the only
 * function of the library that uses a network, and only by the protocol that the address names.
 *
 * `frames` gives the newest frame whenever one is requested (high-water mark 0); frames that arrive in between are dropped
 * and counted. Times start at 0 with the first frame. `info` and errors name the address without its secrets
 * ({@linkcode shownAddress}). The caller disposes the source.
 *
 * @throws {MediaError} if the address is none of these, does not answer, or sends no video.
 */
export async function openLive(address: string, options: OpenLiveOptions = {}): Promise<LiveSource> {
  return await (await import("./stream/live/open_live.ts")).openLive(address, options);
}

/**
 * Starts writing an output of the same kind as `options.source`: a video file, a picture, or a folder of pictures. It grows
 * as `NAME.part` beside its final path and is renamed when `frames` is closed. A video decoded by another ffmpeg program is
 * written by that program too.
 *
 * @throws {OptionError} if `crop` does not lie inside the picture.
 * @throws {MediaError} if the output exists (without `overwrite`), is the input, or cannot be written there.
 */
export async function createOutput(path: string, options: CreateOutputOptions): Promise<FrameSink> {
  return await (await import("./stream/create_output.ts")).createOutput(path, options);
}
