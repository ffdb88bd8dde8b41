import { MediaError } from "../../errors.ts";
import { FILE_FORMATS, fileAddress } from "../ffmpeg/open_container.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { type ProbedVideo, ShowinfoParser } from "./showinfo_parser.ts";

/** Options of an input of an ffmpeg program: that one file is all it may open. */
export const INPUT_OPTIONS = ["-protocol_whitelist", "file,pipe", "-format_whitelist", FILE_FORMATS];

/** The video to restore: the first, cover pictures aside. */
export const VIDEO_STREAM = "0:V:0";

/** The filter whose output {@linkcode ShowinfoParser} reads. */
export const SHOWINFO_FILTER = "showinfo=checksum=0";

/**
 * Asks an ffmpeg program about a video, up to its first frame. Aborting `signal` ends the program.
 *
 * @throws {MediaError} if there is no video in it.
 * @throws {FFmpegError} if ffmpeg cannot read the file.
 */
export async function probeVideo(program: string, path: string, signal?: AbortSignal): Promise<ProbedVideo> {
  const info = new ShowinfoParser();
  await using process = new FfmpegProcess(program, (command) => {
    command
      .input(fileAddress(path))
      .inputOptions("-hide_banner", "-nostdin", "-nostats", ...INPUT_OPTIONS)
      .output("-")
      .outputOptions("-map", VIDEO_STREAM, "-frames:v", "1", "-vf", SHOWINFO_FILTER, "-f", "null");
  }, (line) => info.read(line));
  const kill = () => process.kill();
  signal?.addEventListener("abort", kill, { once: true });
  process.start();
  try {
    await process.done;
  } catch (cause) {
    signal?.throwIfAborted();
    const held = info.streams.join(", ");
    if (held === "" || /\bvideo\b/.test(held)) throw cause;
    throw new MediaError(path, `There is no video stream in this file: it holds ${held}. Use a video`, {
      cause,
    });
  } finally {
    signal?.removeEventListener("abort", kill);
  }
  return info.video(path);
}
