import { constants } from "node:os";
import { FormatContext, type OutputFormat } from "node-av/lib";
import { AV_CODEC_ID_NONE } from "node-av/constants";
import { MediaError } from "../errors.ts";

/** Failures that say nothing of the format, as FFmpeg returns them. */
const DISK_FAILURES: Readonly<Record<number, string>> = {
  [-constants.errno.ENOSPC]: "The disk is full",
  [-constants.errno.EIO]: "The disk failed",
};

/**
 * Whether a container of this format takes the streams that `add` gives it. FFmpeg's muxers know only when they
 * write a header, so one is written to `address`, a file that may be overwritten.
 *
 * @throws {MediaError} if the disk is full or fails, which says nothing of the format.
 */
export async function canHold(
  format: OutputFormat,
  address: string,
  add: (output: FormatContext) => void,
): Promise<boolean> {
  const trial = new FormatContext();
  if (trial.allocOutputContext2(format, null, address) < 0) return false;
  try {
    add(trial);
    if (trial.streams.some((stream) => stream.codecpar.codecId === AV_CODEC_ID_NONE)) return false;
    const opened = await trial.openOutput();
    const code = opened < 0 ? opened : await trial.writeHeader(null);
    const failure = DISK_FAILURES[code];
    if (failure !== undefined) throw new MediaError(address.replace(/^file:/, ""), failure);
    return code >= 0;
  } finally {
    await trial.closeOutput();
    trial.freeContext();
  }
}
