import { avcodecFindBestPixFmtOfList, avGetPixFmtName } from "node-av/lib";
import {
  AV_PIX_FMT_GBRP16LE,
  AV_PIX_FMT_GRAY16LE,
  AV_PIX_FMT_NONE,
  AV_PIX_FMT_YUV410P,
  AV_PIX_FMT_YUV411P,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV440P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUV444P10LE,
  AV_PIX_FMT_YUV444P12LE,
  AV_PIX_FMT_YUV444P14LE,
  AV_PIX_FMT_YUV444P16LE,
  AV_PIX_FMT_YUV444P9LE,
  type AVPixelFormat,
} from "node-av/constants";

/** What a pixel format is, by FFmpeg's own descriptor of it. */
export interface PixelFormat {
  readonly colours: "grey" | "yuv" | "rgb" | "bayer";
  /** Bits a sample: 8 (for fewer too), 9, 10, 12, 14 or 16 (for more too). */
  readonly bits: number;
  /** Pixels side by side, and one above the other, that share a sample of chroma: 1, 2 or 4. */
  readonly chroma: { readonly across: number; readonly down: number };
}

const COLOURS: ReadonlyMap<AVPixelFormat, PixelFormat["colours"]> = new Map([
  [AV_PIX_FMT_GRAY16LE, "grey"],
  [AV_PIX_FMT_YUV444P16LE, "yuv"],
  [AV_PIX_FMT_GBRP16LE, "rgb"],
]);

const BITS: ReadonlyMap<AVPixelFormat, number> = new Map([
  [AV_PIX_FMT_YUV444P, 8],
  [AV_PIX_FMT_YUV444P9LE, 9],
  [AV_PIX_FMT_YUV444P10LE, 10],
  [AV_PIX_FMT_YUV444P12LE, 12],
  [AV_PIX_FMT_YUV444P14LE, 14],
  [AV_PIX_FMT_YUV444P16LE, 16],
]);

const CHROMA: ReadonlyMap<AVPixelFormat, PixelFormat["chroma"]> = new Map([
  [AV_PIX_FMT_YUV444P, { across: 1, down: 1 }],
  [AV_PIX_FMT_YUV422P, { across: 2, down: 1 }],
  [AV_PIX_FMT_YUV440P, { across: 1, down: 2 }],
  [AV_PIX_FMT_YUV420P, { across: 2, down: 2 }],
  [AV_PIX_FMT_YUV411P, { across: 4, down: 1 }],
  [AV_PIX_FMT_YUV410P, { across: 4, down: 4 }],
]);

/**
 * Describes a pixel format. The binding does not give FFmpeg's descriptors, but the function by which FFmpeg compares them:
 * it chooses from a list the format that holds another with the least loss. So each property is the one of the format that is
 * chosen from a few that differ in nothing else.
 *
 * @throws {RangeError} if there is no such format.
 */
export function describePixelFormat(format: AVPixelFormat): PixelFormat {
  if (format === AV_PIX_FMT_NONE) throw new RangeError("There is no such pixel format");
  // FFmpeg's descriptors of a camera's raw mosaics count the bits of a quarter of the pixels as a colour's.
  const [, bayerBits] = /^bayer_\D+(\d+)/.exec(avGetPixFmtName(format) ?? "") ?? [];
  if (bayerBits !== undefined) {
    return { colours: "bayer", bits: Number(bayerBits), chroma: { across: 1, down: 1 } };
  }
  return { colours: nearest(COLOURS, format), bits: nearest(BITS, format), chroma: nearest(CHROMA, format) };
}

function nearest<Property>(known: ReadonlyMap<AVPixelFormat, Property>, format: AVPixelFormat): Property {
  const property = known.get(avcodecFindBestPixFmtOfList([...known.keys()], format));
  if (property === undefined) {
    throw new RangeError(`FFmpeg cannot compare pixel format ${format} with others`);
  }
  return property;
}
