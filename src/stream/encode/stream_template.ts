import { Rational, type Stream } from "node-av/lib";
import { AVCHROMA_LOC_UNSPECIFIED, AVCOL_SPC_UNSPECIFIED } from "node-av/constants";
import type { HdrMetadata, SampleFormat } from "../../frame.ts";
import { sampleFormatOf } from "../ffmpeg/sample_format.ts";
import type { VideoTemplate } from "../sink_options.ts";

/** What a new video stream is made like, in FFmpeg's terms. */
export interface StreamTemplate {
  readonly samples: SampleFormat;
  readonly timeBase: Rational;
  readonly frameRate: Rational;
  readonly sampleAspect: Rational;
  readonly hdr?: HdrMetadata;
}

/** 4:2:0 without tags. */
const PLAIN_SAMPLES: SampleFormat = {
  pixelFormat: "yuv420p",
  range: "unspecified",
  matrix: AVCOL_SPC_UNSPECIFIED,
  primaries: AVCOL_SPC_UNSPECIFIED,
  transfer: AVCOL_SPC_UNSPECIFIED,
  chromaLocation: AVCHROMA_LOC_UNSPECIFIED,
};

/** A template that makes a new stream like one of a file, of samples as its frames had them. */
export function templateOf(stream: Stream, { samples, hdr }: VideoTemplate): StreamTemplate {
  const parameters = stream.codecpar;
  return {
    samples: samples ?? sampleFormatOf(parameters),
    timeBase: stream.timeBase,
    frameRate: stream.avgFrameRate,
    sampleAspect: stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : parameters.sampleAspectRatio,
    ...(hdr && { hdr }),
  };
}

/** A template for frames that come from no file: square pixels, and 4:2:0 without tags where nothing else is known. */
export function plainTemplate({ timeBase, frameRate = 25, samples, hdr }: VideoTemplate): StreamTemplate {
  return {
    samples: samples ?? PLAIN_SAMPLES,
    timeBase: new Rational(timeBase.num, timeBase.den),
    frameRate: new Rational(Math.round(frameRate * 1000), 1000),
    sampleAspect: new Rational(1, 1),
    ...(hdr && { hdr }),
  };
}
