import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Dictionary, FFmpegError, FormatContext, type InputFormat } from "node-av/lib";
import { MediaError } from "../../errors.ts";
import { ffmpegResult } from "./ffmpeg_result.ts";

/**
 * Demuxers a file may be opened with: those that read one self-contained file. Playlists (hls, dash, concat, imf)
 * and demuxers that open further files or devices are absent, so a file cannot make FFmpeg touch anything else.
 */
export const FILE_FORMATS = [
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,obu,ivf,flv,live_flv,ogg",
  "asf,nut,gif,apng,webp_anim,mxf,dv,rm,wtv,yuv4mpegpipe,swf,nsv,vob,mjpeg,mjpeg_2000,amv,ea,bink,smk,film_cpk,roq,fli",
].join(",");

/**
 * Opens a media file for demuxing, with that one file as all FFmpeg may touch. The caller closes it with
 * `closeInput()`. Aborting `signal` ends the opening with its reason.
 *
 * @throws {MediaError} if there is no file, it is empty, or it is not a media file.
 */
export async function openContainer(
  path: string,
  options: Pick<OpenAddressOptions, "signal" | "check"> = {},
): Promise<FormatContext> {
  await refuseUnusableFile(path);
  return await openAddress(fileAddress(path), path, {
    options: { protocol_whitelist: "file", format_whitelist: FILE_FORMATS },
    ...options,
  });
}

/** What stands for standard input and output where a path is expected. */
export const PIPE = "-";

/**
 * Opens what comes through standard input, which is read once, in the order in which it comes.
 *
 * @throws {MediaError} if that is no video that can be read so.
 */
export async function openPipe(
  options: Pick<OpenAddressOptions, "signal" | "check"> = {},
): Promise<FormatContext> {
  return await openAddress("pipe:0", PIPE, {
    options: { protocol_whitelist: "pipe", format_whitelist: FILE_FORMATS },
    expected: "a video that can be read from a pipe, such as y4m, Matroska or MPEG-TS",
    ...options,
  });
}

/** @throws {MediaError} if there is no file at `path`, or nothing in it. */
export async function refuseUnusableFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause) => {
    throw new MediaError(path, "No such file. Check the name", { cause });
  });
  if (!found.isFile()) throw new MediaError(path, "This is not a regular file. Use a video file");
  if (found.size === 0) throw new MediaError(path, "The file is empty. Use a complete video");
}

/** An address FFmpeg takes literally, whatever the name holds: `%d`, `:`, quotes, a leading `-`. */
export function fileAddress(path: string): string {
  return `file:${resolve(path)}`;
}

const COMPLETE_VIDEO = "a complete video, such as MP4, MOV, MKV, WebM or AVI";

/** Options of {@linkcode openAddress}. */
export interface OpenAddressOptions {
  /** Demuxer. @default {by the content} */
  readonly format?: InputFormat;
  /** What the error advises to use. @default {"a complete video, such as MP4, MOV, MKV, WebM or AVI"} */
  readonly expected?: string;
  /** FFmpeg's own options. @default {{}} */
  readonly options?: Readonly<Record<string, string>>;
  /** Ends the opening with its reason, even while a network does not answer. */
  readonly signal?: AbortSignal | undefined;
  /** Refuses a container by throwing, by what its header says: after it frames may be decoded to find out more. */
  readonly check?: (container: FormatContext) => void;
}

/**
 * Opens an address and reads what streams it has.
 *
 * @param path what to call it in errors
 * @throws {MediaError} if it cannot be opened.
 */
export async function openAddress(
  address: string,
  path: string,
  { format, options = {}, expected = COMPLETE_VIDEO, signal, check }: OpenAddressOptions = {},
): Promise<FormatContext> {
  using dictionary = Dictionary.fromObject(options);
  const container = new FormatContext();
  // Only a context that is allocated already can be interrupted while it opens.
  container.allocContext();
  try {
    await whileInterruptible(container, signal, async () => {
      refuseUnreadable(await container.openInput(address, format ?? null, dictionary), path, expected);
      signal?.throwIfAborted();
      check?.(container);
      ffmpegResult(await container.findStreamInfo(null), path, "find the streams of this video");
    });
    return container;
  } catch (error) {
    await container.closeInput();
    throw error;
  }
}

/** Does `work` with a container. Aborting `signal` ends that with its reason, even while a network or a pipe does not answer. */
export async function whileInterruptible<Result>(
  container: FormatContext,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const interrupt = () => container.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    const result = await work();
    signal?.throwIfAborted();
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}

function refuseUnreadable(opened: number, path: string, expected: string): void {
  if (opened >= 0) return;
  const reason = FFmpegError.strerror(opened);
  throw new MediaError(path, `Cannot read this as a video: ${reason}. Use ${expected}`, {
    cause: new FFmpegError(opened),
  });
}
