import { OptionError } from "../../errors.ts";
import type { OutputFormat } from "node-av/lib";
import type { SinkOptions } from "../sink_options.ts";
import { VIDEO_CODECS, type WrittenCodec } from "../video_codecs.ts";
import { defaultCodec, isAnimation, isVideoCodec, worstQuality } from "./video_codec.ts";

/** What a video is written in. */
export interface ChosenCodec {
  readonly codec: WrittenCodec;
  readonly crf: number;
  /** That the codec is another than the source's, if nobody asked for that. */
  readonly notes: readonly string[];
}

/**
 * The codec and quality to write.
 *
 * @param sourceCodec codec of the source, by FFmpeg's name
 * @throws {RangeError} if `crf` or `codec` is none that exists, or `crf` is given for a codec that loses nothing.
 */
export function chooseCodec(
  sourceCodec: string | undefined,
  { name }: OutputFormat,
  { codec: asked, crf: askedCrf }: Pick<SinkOptions, "codec" | "crf">,
): ChosenCodec {
  if (asked !== undefined && !isVideoCodec(asked)) {
    throw new OptionError(`codec must be one of ${VIDEO_CODECS.join(", ")}, not "${asked}"`);
  }
  const codec = asked ?? defaultCodec(sourceCodec, name ?? "");
  const crf = askedCrf ?? 18;
  if (!(crf >= 0 && crf <= worstQuality(codec))) {
    throw new OptionError(`crf must be 0 to ${worstQuality(codec)} for ${codec}, not ${crf}`);
  }
  if (["ffv1", "png", "rawvideo"].includes(codec) && askedCrf !== undefined) {
    throw new OptionError(`crf is ${crf}, but ${codec} is lossless. Leave crf out, or use another codec`);
  }
  if ((isAnimation(codec) || codec === "prores") && askedCrf !== undefined) {
    throw new OptionError(`crf is ${crf}, which ${codec} does not have. Leave crf out`);
  }
  // An animated picture is asked for by its name.
  const isChange = asked === undefined && sourceCodec !== undefined && sourceCodec !== codec &&
    !isAnimation(codec);
  if (!isChange) return { codec, crf, notes: [] };
  const why = sourceCodec === "rawvideo"
    ? "raw pictures are compressed"
    : isVideoCodec(sourceCodec)
    ? `a ${name} file cannot hold ${sourceCodec}`
    : `${sourceCodec} is not written`;
  return { codec, crf, notes: [`Video codec ${codec} instead of ${sourceCodec}: ${why}`] };
}
