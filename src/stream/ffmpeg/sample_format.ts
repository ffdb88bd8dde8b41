import { avGetPixFmtFromName, avGetPixFmtName } from "node-av/lib";
import {
  AV_PIX_FMT_NONE,
  AV_PIX_FMT_YUV411P,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV440P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ411P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ440P,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  type AVColorRange,
  type AVPixelFormat,
} from "node-av/constants";
import type { SampleFormat } from "../../frame.ts";

/** Deprecated pixel formats that imply full range, and those that leave the range to the tag. */
const WITHOUT_RANGE = new Map<number, AVPixelFormat>([
  [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P],
  [AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P],
  [AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P],
  [AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P],
  [AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P],
]);

/** What FFmpeg says of the samples of a decoded frame, and of those of a stream before any is decoded. */
export interface SampleTags {
  /** A pixel format; the binding types one field for audio and video. */
  readonly format: number;
  readonly colorRange: AVColorRange;
  readonly colorSpace: number;
  readonly colorPrimaries: number;
  readonly colorTrc: number;
  readonly chromaLocation: number;
}

/**
 * How samples are stored. A decoded frame knows better than its stream: where the container and the coded video contradict
 * each other, decoders go by the video, and so do players.
 */
export function sampleFormatOf(tags: SampleTags): SampleFormat {
  const format = tags.format as AVPixelFormat;
  const withoutRange = WITHOUT_RANGE.get(format);
  return {
    pixelFormat: avGetPixFmtName(withoutRange ?? format) ?? "none",
    range: withoutRange === undefined ? rangeName(tags.colorRange) : "full",
    matrix: tags.colorSpace,
    primaries: tags.colorPrimaries,
    transfer: tags.colorTrc,
    chromaLocation: tags.chromaLocation,
  };
}

function rangeName(range: AVColorRange): SampleFormat["range"] {
  if (range === AVCOL_RANGE_JPEG) return "full";
  return range === AVCOL_RANGE_MPEG ? "limited" : "unspecified";
}

/** FFmpeg's number of a range. */
export function rangeTag(range: SampleFormat["range"]): AVColorRange {
  if (range === "full") return AVCOL_RANGE_JPEG;
  return range === "limited" ? AVCOL_RANGE_MPEG : AVCOL_RANGE_UNSPECIFIED;
}

/** FFmpeg's number of a pixel format; `AV_PIX_FMT_NONE` for that of a damaged stream, which has none. */
export function pixelFormatNumber({ pixelFormat }: SampleFormat): AVPixelFormat {
  return pixelFormat === "none" ? AV_PIX_FMT_NONE : avGetPixFmtFromName(pixelFormat);
}
