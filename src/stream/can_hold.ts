import { FormatContext, type OutputFormat } from "node-av/lib";
import { AV_CODEC_ID_NONE } from "node-av/constants";

/**
 * Whether a container of this format takes the streams that `add` gives it. FFmpeg's muxers know only when they
 * write a header, so one is written to `address`, a file that may be overwritten.
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
    return await trial.openOutput() >= 0 && await trial.writeHeader(null) >= 0;
  } finally {
    await trial.closeOutput();
    trial.freeContext();
  }
}
