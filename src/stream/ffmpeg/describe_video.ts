import { avGetCodecName, type FormatContext, type Stream } from "node-av/lib";
import { AV_NOPTS_VALUE } from "node-av/constants";
import type { MediaInfo } from "../../frame.ts";
import { beginningOf, describeStream, displayRotation, lengthOf, pixelAspectOf } from "./video_stream.ts";

/** A part of a video, in seconds from its beginning. */
export interface VideoRange {
  /** @default {0} */
  readonly start?: number;
  /** @default {to the end} */
  readonly duration?: number;
}

/** Describes a range of the video stream of an open container. */
export function describeVideo(
  container: FormatContext,
  stream: Stream,
  path: string,
  { start = 0, duration }: VideoRange,
): MediaInfo {
  const { num, den } = stream.timeBase;
  const rate = stream.avgFrameRate.num > 0 ? stream.avgFrameRate : stream.rFrameRate;
  const frameRate = rate.num > 0 && rate.den > 0 ? rate.num / rate.den : undefined;
  const length = secondsOf(container, stream);
  const rest = length === undefined ? duration : Math.max(0, Math.min(length - start, duration ?? Infinity));
  const whole = start === 0 && duration === undefined;
  const counted = stream.nbFrames > 0n ? Number(stream.nbFrames) : undefined;
  const frames = whole && counted !== undefined ? counted : estimateFrames(start, rest, frameRate, counted);
  const codec = avGetCodecName(stream.codecpar.codecId);
  const [pixelAspect, beginning] = [pixelAspectOf(stream), beginningOf(container)];
  return {
    path,
    kind: "video",
    width: stream.codecpar.width,
    height: stream.codecpar.height,
    timeBase: { num, den },
    ...(frameRate !== undefined && { frameRate }),
    ...(frames !== undefined && { frames }),
    ...(rest !== undefined && { seconds: rest }),
    ...(pixelAspect !== 1 && { pixelAspect }),
    ...(beginning !== 0 && { beginning }),
    rotation: displayRotation(stream),
    ...(codec !== null && { codec }),
    streams: container.streams.map(describeStream),
    ...(!whole && { range: { start, ...(duration !== undefined && { duration }) } }),
  };
}

/** Number of frames that begin in a range, at a constant rate. */
export function estimateFrames(
  start: number,
  seconds: number | undefined,
  frameRate: number | undefined,
  counted = Infinity,
): number | undefined {
  if (seconds === undefined || frameRate === undefined) return undefined;
  // Containers round times to ticks: a frame that begins a thousandth of its length before the end is not counted.
  const begunBefore = (time: number) => Math.min(counted, Math.ceil(time * frameRate - 1e-3));
  return Math.max(0, begunBefore(start + seconds) - begunBefore(start));
}

function secondsOf(container: FormatContext, stream: Stream): number | undefined {
  if (stream.duration !== AV_NOPTS_VALUE) {
    return Number(stream.duration) * stream.timeBase.num / stream.timeBase.den;
  }
  return lengthOf(container);
}
