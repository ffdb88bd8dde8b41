import type { OutputFormat } from "node-av/lib";
import { AVFMT_GLOBALHEADER } from "node-av/constants";
import { MediaError, OptionError } from "../errors.ts";
import { canHold } from "./can_hold.ts";
import { fileAddress } from "./open_container.ts";
import {
  defaultCodec,
  isVideoCodec,
  openTrialEncoder,
  VIDEO_CODECS,
  type VideoCodec,
  worstQuality,
} from "./video_codec.ts";

/** What was asked for, and what is taken where nothing was. */
export interface WantedCodec {
  readonly codec?: VideoCodec;
  /** Not for ffv1, which loses nothing. @default {18} */
  readonly crf?: number;
}

/** What a video is written in. */
export interface ChosenCodec {
  readonly codec: VideoCodec;
  readonly crf: number;
  /** That the codec is another than the source's, if nobody asked for that. */
  readonly notes: readonly string[];
}

/**
 * The codec and quality to write.
 *
 * @param was codec of the source, by FFmpeg's name
 * @throws {RangeError} if `crf` or `codec` is none that exists, or `crf` is given for a codec that loses nothing.
 */
export function chooseCodec(
  was: string | undefined,
  { name }: OutputFormat,
  { codec: wanted, crf: wantedCrf }: WantedCodec,
): ChosenCodec {
  const crf = wantedCrf ?? 18;
  if (!(crf >= 0)) throw new OptionError(`crf is ${crf}, wanted a number from 0`);
  if (wanted !== undefined && !isVideoCodec(wanted)) {
    throw new OptionError(`codec is "${wanted}", wanted one of ${VIDEO_CODECS.join(", ")}`);
  }
  const codec = wanted ?? defaultCodec(was, name ?? "");
  if (crf > worstQuality(codec)) {
    throw new OptionError(`crf is ${crf}, wanted 0 to ${worstQuality(codec)} for ${codec}`);
  }
  if (codec === "ffv1" && wantedCrf !== undefined) {
    throw new OptionError(`crf is ${crf}, but ffv1 is lossless; wanted no crf, or another codec`);
  }
  const isChange = wanted === undefined && was !== undefined && was !== codec;
  const why = isVideoCodec(was ?? "") ? `a ${name} file cannot hold ${was}` : `${was} is not written`;
  return { codec, crf, notes: isChange ? [`Video codec ${codec} instead of ${was}: ${why}`] : [] };
}

/**
 * @param partPath a file that may be overwritten
 * @throws {MediaError} if a container of this format cannot hold the codec.
 */
export async function refuseCodec(
  path: string,
  codec: VideoCodec,
  format: OutputFormat,
  partPath: string,
): Promise<void> {
  using trial = await openTrialEncoder(codec, path, format.hasFlags(AVFMT_GLOBALHEADER));
  const held = await canHold(format, fileAddress(partPath), (output) => {
    output.newStream(null).codecpar.fromContext(trial);
  });
  if (held) return;
  const wanted = codec === "ffv1"
    ? ".mkv"
    : codec === "h264" || codec === "hevc"
    ? ".mp4 or .mkv"
    : ".webm or .mkv";
  throw new MediaError(
    path,
    `A ${format.name} file cannot hold ${codec} video; wanted ${wanted}, or another codec`,
  );
}
