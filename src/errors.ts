/**
 * Every error this library throws on purpose, besides `RangeError` and `TypeError` for bad option values.
 * A message says what happened, why where that is known, and what to do about it.
 *
 * @module
 */

/** An input or output file that cannot be used: missing, damaged, not media, in the way. */
export class MediaError extends Error {
  /** "MediaError". */
  override readonly name = "MediaError";
  /** The file, folder or address concerned. */
  readonly path: string;

  /** Makes the error; `path` is put before `message`: what happened, why, and what to do. */
  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** An input that was read to its end and is not whole: it is truncated, or parts of it could not be decoded. */
export class DamagedMediaError extends MediaError {
  /** What is missing or damaged, in one line. */
  readonly damage: string;

  /** Makes the error; `path` is put before `damage`. */
  constructor(path: string, damage: string, options?: ErrorOptions) {
    super(path, damage, options);
    this.damage = damage;
  }
}

/** An ffmpeg process that failed. */
export class FFmpegError extends Error {
  /** "FFmpegError". */
  override readonly name = "FFmpegError";
  /** Arguments the process was started with. */
  readonly args: readonly string[];
  /** Exit code; `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;

  /** Makes the error; its message is the last line of `stderr`. */
  constructor(args: readonly string[], exitCode: number | null, stderr: string, options?: ErrorOptions) {
    const last = stderr.trim().split("\n").at(-1) ?? "";
    super(`ffmpeg ended with exit code ${exitCode}: ${last}`, options);
    this.args = args;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** A weights file that cannot be used: damaged, or of another network. */
export class WeightsError extends Error {
  /** "WeightsError". */
  override readonly name = "WeightsError";
  /** The weights file. */
  readonly path: string;
  /** The tensor concerned, where it is one. */
  readonly tensor: string | undefined;

  /** Makes the error; `path` is put before `message`. */
  constructor(path: string, message: string, options?: ErrorOptions & { tensor?: string }) {
    super(`${path}: ${message}`, options);
    this.path = path;
    this.tensor = options?.tensor;
  }
}

/** A device that cannot run the network: why not, and what would help. */
export class EngineError extends Error {
  /** "EngineError". */
  override readonly name = "EngineError";
  /** Device name as the user wrote it. */
  readonly device: string;

  /** Makes the error; the device is put before `message`. */
  constructor(device: string, message: string, options?: ErrorOptions) {
    super(`Device "${device}": ${message}`, options);
    this.device = device;
  }
}

/** A command line that cannot be understood; the CLI exits with code 2. */
export class UsageError extends Error {
  /** "UsageError". */
  override readonly name = "UsageError";
}

/** What an error says; whatever else was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
