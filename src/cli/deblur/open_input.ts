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
import { canMove, numberedPictures } from "../../media_name.ts";
import type { CommandIo } from "../command_io.ts";
import type { DeblurFlags } from "./deblur_flags.ts";
import { asUsage } from "../flags.ts";

/** Options of {@linkcode openInput}. */
export interface OpenInputOptions {
  readonly flags: DeblurFlags;
  readonly io: CommandIo;
  /** Whether it is the command's only input. */
  readonly isOnly: boolean;
  /** Where its result goes. */
  readonly output?: string;
  /** Opened before a live source, which sends from the moment it is open. */
  readonly engine: () => Promise<Engine>;
}

/** Flags for files of videos alone. */
const FOR_VIDEOS = ["tune", "ffmpeg", "deinterlace", "everywhere", "segment", "fresh", "workers"] as const;

/** For each kind of source, its name and the flags that do nothing for it. */
const UNUSED: Record<MediaInfo["kind"], readonly [name: string, flags: readonly string[]]> = {
  video: ["a video", ["fps"]],
  live: ["a live source", [...FOR_VIDEOS, "start", "fps"]],
  sequence: ["a sequence of pictures", [...FOR_VIDEOS, "codec", "crf", "verify"]],
  picture: ["a picture", [...FOR_VIDEOS, "fps", "start", "duration", "codec", "crf", "verify"]],
};

/** The same for a video that becomes pictures, and for pictures that become a video. */
const PICTURES_OF_VIDEO: typeof UNUSED.video = [
  "a video that becomes pictures",
  ["fps", "segment", "fresh", "workers", "codec", "crf", "verify"],
];
const VIDEO_OF_PICTURES: typeof UNUSED.video = ["a video of pictures", FOR_VIDEOS];

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

function checkFlags(
  kind: MediaInfo["kind"],
  input: string,
  { flags, io, isOnly, output }: OpenInputOptions,
): void {
  const becomesVideo = kind === "sequence" && output !== undefined && canMove(output);
  const becomesPictures = kind !== "picture" && output !== undefined &&
    numberedPictures(output) !== undefined;
  const [name, unused] = becomesVideo
    ? VIDEO_OF_PICTURES
    : becomesPictures
    ? PICTURES_OF_VIDEO
    : UNUSED[kind];
  const { media, video, everywhere, tune, segment, fresh, workers } = flags;
  const all = {
    ...media,
    ...video,
    ...(everywhere && { everywhere }),
    ...(tune !== undefined && { tune }),
    ...(segment !== undefined && { segment }),
    ...(fresh && { fresh }),
    ...(workers !== undefined && { workers }),
  };
  const given = Object.keys(all).filter((flag) => unused.includes(flag));
  if (given.length === 0) return;
  const verb = given.length > 1 ? "do" : "does";
  const mistake = `${given.map((flag) => `--${flag}`).join(" and ")} ${verb} nothing for ${name}`;
  if (isOnly) throw new UsageError(`${mistake}. Leave ${given.length > 1 ? "them" : "it"} out`);
  if (!flags.quiet) io.stderr(`${input}: ${mistake}\n`);
}

function refuseEmptyRange({ info }: FrameSource, start: number): void {
  // The number of frames in a range is an estimate: where the frame rate varies, 0 of them can be some.
  if (info.range !== undefined && info.seconds === 0) {
    throw new MediaError(info.path, `It ends before --start ${start} s. Choose an earlier start`);
  }
}
