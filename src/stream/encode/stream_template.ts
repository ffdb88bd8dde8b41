import { CodecParameters, Rational, type Stream } from "node-av/lib";
import { AV_PIX_FMT_YUV420P, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import type { VideoTemplate } from "../sink_options.ts";

/** What a new video stream is made like, in FFmpeg's terms. */
export interface StreamTemplate {
  /** Pixel format and colour tags. */
  readonly parameters: CodecParameters;
  readonly timeBase: Rational;
  readonly frameRate: Rational;
  readonly sampleAspect: Rational;
}

/** A template that makes a new stream like one of a file. */
export function templateOf(stream: Stream): StreamTemplate {
  const parameters = stream.codecpar;
  return {
    parameters,
    timeBase: stream.timeBase,
    frameRate: stream.avgFrameRate,
    sampleAspect: stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : parameters.sampleAspectRatio,
  };
}

/** A template for frames that come from no file: 4:2:0, untagged, square pixels. */
export function plainTemplate({ width, height, timeBase, frameRate = 25 }: VideoTemplate): StreamTemplate {
  const parameters = new CodecParameters();
  parameters.alloc();
  parameters.codecType = AVMEDIA_TYPE_VIDEO;
  parameters.width = width;
  parameters.height = height;
  parameters.format = AV_PIX_FMT_YUV420P;
  return {
    parameters,
    timeBase: new Rational(timeBase.num, timeBase.den),
    frameRate: new Rational(Math.round(frameRate * 1000), 1000),
    sampleAspect: new Rational(1, 1),
  };
}
