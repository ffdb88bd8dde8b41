import { MediaError } from "../errors.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { FILE_FORMATS, fileAddress } from "./open_container.ts";
import { ShownInfo, type ShownVideo } from "./shown_info.ts";

/** Options of an input of an ffmpeg program: that one file is all it may touch. */
export const INPUT_OPTIONS = ["-protocol_whitelist", "file,pipe", "-format_whitelist", FILE_FORMATS];

/** The video to restore: the first, cover pictures aside. */
export const VIDEO_STREAM = "0:V:0";

/** The filter that tells what {@linkcode ShownInfo} reads. */
export const SHOW_INFO = "showinfo=checksum=0";

/**
 * Asks an ffmpeg program about a video, up to its first frame.
 *
 * @throws {MediaError} if there is no video in it.
 * @throws {FFmpegError} if ffmpeg cannot read the file.
 */
export async function probeVideo(program: string, path: string): Promise<ShownVideo> {
  const shown = new ShownInfo();
  await using process = new FfmpegProcess(program, (command) => {
    command
      .input(fileAddress(path))
      .inputOptions("-hide_banner", "-nostdin", "-nostats", ...INPUT_OPTIONS)
      .output("-")
      .outputOptions("-map", VIDEO_STREAM, "-frames:v", "1", "-vf", SHOW_INFO, "-f", "null");
  }, (line) => shown.read(line));
  process.start();
  try {
    await process.done;
  } catch (cause) {
    const held = shown.streams.join(", ");
    if (held === "" || /\bvideo\b/.test(held)) throw cause;
    throw new MediaError(path, `There is no video stream in this file (it holds ${held}); wanted a video`, {
      cause,
    });
  }
  return shown.video(path);
}
