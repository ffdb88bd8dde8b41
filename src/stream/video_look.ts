import { CodecParameters, Rational, type Stream } from "node-av/lib";
import { AV_PIX_FMT_YUV420P, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import type { MediaInfo } from "../frame.ts";

/** What a written video stream takes over from the one it replaces. */
export interface VideoLook {
  /** Pixel format and colour tags. */
  readonly parameters: CodecParameters;
  readonly timeBase: Rational;
  readonly frameRate: Rational;
  readonly sampleAspect: Rational;
}

/** The look of a stream of a file. */
export function lookOf(stream: Stream): VideoLook {
  const parameters = stream.codecpar;
  return {
    parameters,
    timeBase: stream.timeBase,
    frameRate: stream.avgFrameRate,
    sampleAspect: stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : parameters.sampleAspectRatio,
  };
}

/** The look of frames that come from no file: 4:2:0, untagged, square pixels. */
export function plainLook({ width, height, timeBase, frameRate = 25 }: MediaInfo): VideoLook {
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
