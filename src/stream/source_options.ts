import { MediaError, OptionError } from "../errors.ts";
import type { Frame, MediaInfo } from "../frame.ts";

/** Which frames are made into whole pictures of two fields: those that are flagged as interlaced, all, or none. */
export type Deinterlacing = "auto" | "always" | "never";

/** Every {@linkcode Deinterlacing}. */
export const DEINTERLACINGS: readonly Deinterlacing[] = ["auto", "always", "never"];

/** What to take from a source, and how far to go; the options of everything that opens one. */
export interface SourceOptions {
  /** Seconds from the beginning of the source to the first frame. @default {0} */
  readonly start?: number;
  /** Seconds to take from `start` on. @default {to the end} */
  readonly duration?: number;
  /**
   * Exactly these frames of a video, by their times in the units of its stream, instead of `start` and `duration`.
   * @default {those of `start` and `duration`}
   */
  readonly times?: { readonly from: bigint; readonly until: bigint };
  /** Pictures with more pixels are refused. @default {MAX_PIXELS} */
  readonly maxPixels?: number;
  /** Bytes that this process may take for the whole job: pictures for which that does not do are refused. @default {three quarters of what is free} */
  readonly memory?: number;
  /** Give pictures of 8 bits of videos that have more, too; what is written of them has fewer values. @default {false} */
  readonly eightBits?: boolean;
  /** Frames a second of a folder of pictures. @default {25} */
  readonly fps?: number;
  /** Which frames of a video are deinterlaced, by FFmpeg's bwdif. @default {"auto": those that are flagged as interlaced} */
  readonly deinterlace?: Deinterlacing;
  /** Ends the opening, and later `frames`, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The default of {@linkcode SourceOptions.maxPixels}: 16384 x 16384. */
export const MAX_PIXELS = 2 ** 28;

/** @throws {RangeError} if `start` is negative, `duration` or `fps` is not positive, or one is not a number. */
export function checkRange({ start = 0, duration, fps }: SourceOptions): void {
  if (fps !== undefined && !(fps > 0 && fps <= 1000)) {
    throw new OptionError(`fps must be a number of frames a second, above 0 and up to 1000, not ${fps}`);
  }
  if (!(start >= 0 && start < Infinity)) {
    throw new OptionError(`start must be a number of seconds from 0, not ${start}`);
  }
  if (duration !== undefined && !(duration > 0)) {
    throw new OptionError(`duration must be a number of seconds above 0, not ${duration}`);
  }
}

/** @throws {RangeError} if `memory` is no number of bytes. */
export function checkMemory({ memory }: { readonly memory?: number }): void {
  if (memory !== undefined && !(memory > 0)) {
    throw new OptionError(`memory must be a number of bytes above 0, not ${memory}`);
  }
}

/** @throws {MediaError} if a stream's pictures have no size, or more than `maxPixels`. */
export function checkSize(path: string, width: number, height: number, maxPixels: number): void {
  if (width * height > maxPixels) {
    throw new MediaError(
      path,
      `Its pictures are too large: ${width}x${height}, more than ${maxPixels} pixels`,
    );
  }
  if (width < 1 || height < 1) {
    throw new MediaError(path, "Its video stream has no size: it is incomplete. Use a complete video");
  }
}

/** When a frame is shown, and for how long, in units of a time base. */
export type FrameTime = Pick<Frame, "pts" | "duration">;

/**
 * The first time at or after so many seconds, in units of `timeBase`. It is rounded down by up to a microsecond, because
 * FFmpeg rounds the start time of a file to whole ones, and the first frame of the file must not come before it.
 */
export function timeAt(seconds: number, { num, den }: MediaInfo["timeBase"]): bigint {
  return BigInt(Math.ceil((seconds - 1e-6) * den / num));
}
