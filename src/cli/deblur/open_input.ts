import {
  type Engine,
  type FrameSource,
  isLiveAddress,
  type LiveSource,
  MediaError,
  type MediaInfo,
  openLive,
  openMedia,
  UsageError,
} from "../../../mod.ts";
import type { CommandIo } from "../command_io.ts";
import type { DeblurFlags } from "./deblur_flags.ts";
import { asUsage } from "../flags.ts";

/** Options of {@linkcode openInput}. */
export interface OpenInputOptions {
  readonly flags: DeblurFlags;
  readonly io: CommandIo;
  /** Whether it is the command's only input. */
  readonly isOnly: boolean;
  /** Opened before a live source, which sends from the moment it is open. */
  readonly engine: () => Promise<Engine>;
}

/** For each kind of source, its name and the flags that do nothing for it. */
const UNUSED: Record<MediaInfo["kind"], readonly [name: string, flags: readonly string[]]> = {
  video: ["a video", []],
  live: ["a live source", ["tune", "start", "ffmpeg", "deinterlace", "everywhere"]],
  sequence: ["a sequence of pictures", [
    "tune",
    "codec",
    "crf",
    "verify",
    "ffmpeg",
    "deinterlace",
    "everywhere",
  ]],
  picture: ["a picture", [
    "tune",
    "start",
    "duration",
    "codec",
    "crf",
    "verify",
    "ffmpeg",
    "deinterlace",
    "everywhere",
  ]],
};

/**
 * Opens one input of a command line. A flag that does nothing for it is an error if it is the only input, else a warning.
 *
 * @throws {UsageError} naming the flag that does nothing for the only input.
 * @throws {MediaError} if it cannot be opened, or ends before --start.
 */
export async function openInput(input: string, options: OpenInputOptions): Promise<FrameSource | LiveSource> {
  const { flags: { media, memory }, io: { signal }, engine } = options;
  if (isLiveAddress(input)) {
    checkFlags("live", input, options);
    await engine();
    return await asUsage(() => openLive(input, { ...media, signal }));
  }
  const source = await asUsage(() =>
    openMedia(input, { ...media, signal, ...(memory !== undefined && { memory }) })
  );
  try {
    checkFlags(source.info.kind, input, options);
    refuseEmptyRange(source, media.start ?? 0);
    return source;
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

function checkFlags(kind: MediaInfo["kind"], input: string, { flags, io, isOnly }: OpenInputOptions): void {
  const [name, unused] = UNUSED[kind];
  const { media, video, everywhere, tune } = flags;
  const all = {
    ...media,
    ...video,
    ...(everywhere && { everywhere }),
    ...(tune !== undefined && { tune }),
  };
  const given = Object.keys(all).filter((flag) => unused.includes(flag));
  if (given.length === 0) return;
  const verb = given.length > 1 ? "do" : "does";
  const mistake = `${given.map((flag) => `--${flag}`).join(" and ")} ${verb} nothing for ${name}`;
  if (isOnly) throw new UsageError(`${mistake}. Leave ${given.length > 1 ? "them" : "it"} out`);
  if (!flags.quiet) io.stderr(`${input}: ${mistake}\n`);
}

function refuseEmptyRange({ info }: FrameSource, start: number): void {
  if (info.range !== undefined && info.frames === 0) {
    throw new MediaError(info.path, `It ends before --start ${start} s. Choose an earlier start`);
  }
}
