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
} from "../../mod.ts";
import type { CommandIo } from "./command_io.ts";
import type { DeblurFlags } from "./deblur_flags.ts";
import { asUsage } from "./flags.ts";

/** What {@linkcode openInput} needs to know. */
export interface OpenInputOptions {
  readonly flags: DeblurFlags;
  readonly io: CommandIo;
  /** Whether it is the command's only input. */
  readonly isOnly: boolean;
  /** Opened before a live source, which waits for nobody. */
  readonly engine: () => Promise<Engine>;
}

/** Flags that change nothing for a source of a kind, and what to call it. */
const UNUSED: Record<MediaInfo["kind"], readonly [name: string, flags: readonly string[]]> = {
  video: ["A video", []],
  live: ["A live source", ["start", "ffmpeg", "everywhere"]],
  sequence: ["A sequence of pictures", ["codec", "crf", "ffmpeg", "everywhere"]],
  picture: ["A picture", ["start", "duration", "codec", "crf", "ffmpeg", "everywhere"]],
};

/**
 * Opens one input of a command line. A flag that the input has no use for is the user's mistake if there is no other
 * input, and told if there are.
 *
 * @throws {UsageError} naming the flag that the only input has no use for.
 * @throws {MediaError} if it cannot be opened, or nothing of it is asked for.
 */
export async function openInput(input: string, options: OpenInputOptions): Promise<FrameSource | LiveSource> {
  const { flags: { media }, io: { signal }, engine } = options;
  if (isLiveAddress(input)) {
    checkFlags("live", input, options);
    await engine();
    return await asUsage(() => openLive(input, { ...media, signal }));
  }
  const source = await asUsage(() => openMedia(input, { ...media, signal }));
  try {
    checkFlags(source.info.kind, input, options);
    refuseNothing(source, media.start ?? 0);
    return source;
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

function checkFlags(kind: MediaInfo["kind"], input: string, { flags, io, isOnly }: OpenInputOptions): void {
  const [name, unused] = UNUSED[kind];
  const all = { ...flags.media, ...flags.video, ...(flags.everywhere && { everywhere: true }) };
  const given = Object.keys(all).filter((flag) => unused.includes(flag));
  if (given.length === 0) return;
  const mistake = `${name} has no use for ${given.map((flag) => `--${flag}`).join(" and ")}`;
  if (isOnly) throw new UsageError(mistake);
  if (!flags.quiet) io.stderr(`${input}: ${mistake}\n`);
}

function refuseNothing({ info }: FrameSource, start: number): void {
  if (info.range !== undefined && info.frames === 0) {
    throw new MediaError(info.path, `It ends before --start ${start} s; wanted an earlier moment`);
  }
}
