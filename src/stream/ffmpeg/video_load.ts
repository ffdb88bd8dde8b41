import { AV_PIX_FMT_NONE } from "node-av/constants";
import type { SampleFormat } from "../../frame.ts";
import type { PictureLoad } from "../../job_memory.ts";
import { describePixelFormat } from "./pixel_format.ts";
import { pixelFormatNumber } from "./sample_format.ts";
import { toneCurveOf } from "./tone_curve.ts";

/** What the frames of a video take; those whose format is not known are taken for 8-bit 4:2:0. */
export function videoLoad(
  { width, height }: { readonly width: number; readonly height: number },
  samples: SampleFormat,
): PictureLoad {
  const format = pixelFormatNumber(samples);
  if (format === AV_PIX_FMT_NONE) return { width, height, sampleBytes: 1, decodedBytes: 1.5 };
  const { bits, colours, chroma } = describePixelFormat(format);
  const sampleBytes = bits > 8 || toneCurveOf(samples.transfer) !== undefined ? 2 : 1;
  const samplesPerPixel = colours === "grey" ? 1 : 1 + 2 / (chroma.across * chroma.down);
  return { width, height, sampleBytes, decodedBytes: samplesPerPixel * sampleBytes };
}
