/**
 * The errors that this library throws on purpose, besides `TypeError` for values of the wrong type. A message says what
 * happened and why, and where it helps, what to do.
 *
 * @module
 */

/** An option with a value that cannot be used. A `RangeError`, to be distinguished from those that the language throws. */
export class OptionError extends RangeError {}

/** An input or output file that cannot be used: missing, damaged, not media, or in the way. */
export class MediaError extends Error {
  /** "MediaError". */
  override readonly name = "MediaError";
  /** The file, folder or address. */
  readonly path: string;

  /** Creates the error; its message starts with `path`. */
  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** An input that was read to its end and is not whole: it is truncated, or parts of it could not be decoded. */
export class DamagedMediaError extends MediaError {
  /** What is missing or damaged, in one line. */
  readonly damage: string;

  /** Creates the error; its message is `path` and `damage`. */
  constructor(path: string, damage: string, options?: ErrorOptions) {
    super(path, damage, options);
    this.damage = damage;
  }
}

/** A pipe whose reader has closed it: the rest of the output is not needed. */
export class ClosedPipeError extends MediaError {}

/** An ffmpeg process that failed. */
export class FFmpegError extends Error {
  /** "FFmpegError". */
  override readonly name = "FFmpegError";
  /** Arguments of the process. */
  readonly args: readonly string[];
  /** Exit code; `null` if a signal ended the process. */
  readonly exitCode: number | null;
  /** The end of its stderr. */
  readonly stderr: string;

  /** Creates the error; its message contains the last line of `stderr`. */
  constructor(args: readonly string[], exitCode: number | null, stderr: string, options?: ErrorOptions) {
    const last = stderr.trim().split("\n").at(-1) ?? "";
    super(`ffmpeg ended with exit code ${exitCode}: ${last}`, options);
    this.args = args;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** A weights file that cannot be used: missing, damaged, or of another network. */
export class WeightsError extends Error {
  /** "WeightsError". */
  override readonly name = "WeightsError";
  /** The weights file. */
  readonly path: string;
  /** The tensor that is wrong, if it is a single one. */
  readonly tensor: string | undefined;

  /** Creates the error; its message starts with `path`. */
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
  /** Name of the device, as it was requested. */
  readonly device: string;

  /** Creates the error; its message starts with the device. */
  constructor(device: string, message: string, options?: ErrorOptions) {
    super(`Device "${device}": ${message}`, options);
    this.device = device;
  }
}

/** A mistake on the command line; the program exits with code 2. */
export class UsageError extends Error {
  /** "UsageError". */
  override readonly name = "UsageError";
}

/** The message of an error; any other value as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the operating system calls an error ("ENOENT"); nothing for any other one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && error.code !== undefined
    ? String(error.code)
    : undefined;
}

const EXPECTED = [UsageError, MediaError, WeightsError, EngineError, FFmpegError, OptionError];

/** What a program prints of an error: its message, or the stack of one that is a defect, for the bug report. */
export function errorText(error: unknown): string {
  if (EXPECTED.some((kind) => error instanceof kind)) return messageOf(error);
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Choices as an error says them: "a", "a or b", "a, b or c". */
export function oneOf(choices: readonly string[]): string {
  const last = choices.at(-1) ?? "";
  return choices.length > 1 ? `${choices.slice(0, -1).join(", ")} or ${last}` : last;
}
