import { FFmpegError, Log, PosixError } from "node-av/lib";
import { AV_LOG_QUIET } from "node-av/constants";
import { MediaError } from "../../errors.ts";

// FFmpeg writes to stderr by itself, past Deno: this library never logs, its errors carry the reason.
Log.setLevel(AV_LOG_QUIET);

/** What FFmpeg returns for "not now"; it differs between systems. */
export const AVERROR_EAGAIN = FFmpegError.AVERROR(PosixError.EAGAIN);

/**
 * Hands back what an FFmpeg call returned, unless it failed.
 *
 * @param action what was attempted, to complete "Cannot ..."
 * @throws {MediaError} "Cannot `action`: FFmpeg's reason", if `result` is negative.
 */
export function ffmpegResult(result: number, path: string, action: string): number {
  if (result >= 0) return result;
  const reason = FFmpegError.strerror(result);
  throw new MediaError(path, `Cannot ${action}: ${reason}`, { cause: new FFmpegError(result) });
}
