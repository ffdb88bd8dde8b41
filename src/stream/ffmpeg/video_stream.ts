import { avGetCodecName, avGetMediaTypeString, type FormatContext, type Stream } from "node-av/lib";
import {
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";

/**
 * The video stream to restore, the one a player would show: of those marked as default, if any are, the largest;
 * the first of equals. Cover pictures do not count.
 *
 * @throws {MediaError} if the file has none.
 */
export function videoStream(container: FormatContext, path: string): Stream {
  const videos = container.streams.filter(isMovingVideo);
  const marked = videos.filter((stream) => stream.hasDisposition(AV_DISPOSITION_DEFAULT));
  const [largest] = (marked.length > 0 ? marked : videos).toSorted((a, b) => area(b) - area(a));
  if (largest !== undefined) return largest;
  const held = container.streams.map(describeStream).join(", ") || "nothing";
  throw new MediaError(path, `There is no video stream in this file: it holds ${held}. Use a video`);
}

/** Whether a stream is a video and not a cover picture. */
export function isMovingVideo(stream: Stream): boolean {
  return stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO &&
    !stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC);
}

function area(stream: Stream): number {
  return stream.codecpar.width * stream.codecpar.height;
}

/** "video h264 1280x720", "audio aac 48000 Hz": one stream in a few words. One that FFmpeg does not know has the name that its file gives it: "data mebx". */
export function describeStream(stream: Stream): string {
  const parameters = stream.codecpar;
  const words = [
    avGetMediaTypeString(parameters.codecType) ?? "unknown",
    codecName(parameters),
  ];
  if (parameters.codecType === AVMEDIA_TYPE_VIDEO) words.push(`${parameters.width}x${parameters.height}`);
  if (parameters.codecType === AVMEDIA_TYPE_AUDIO) words.push(`${parameters.sampleRate} Hz`);
  return words.join(" ");
}

function codecName({ codecId, codecTagString }: Stream["codecpar"]): string {
  const isTold = codecId === AV_CODEC_ID_NONE && /^\w{4}$/.test(codecTagString ?? "");
  return isTold ? `${codecTagString}` : avGetCodecName(codecId) ?? "unknown";
}

/** Clockwise degrees, rounded to a quarter turn, by which a player rotates this stream. */
export function displayRotation(stream: Stream): number {
  const matrix = stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (matrix === null || matrix.length < 36) return 0;
  // The matrix is in the machine's byte order, which is little-endian wherever node-av runs.
  const [a, b] = [matrix.readInt32LE(0), matrix.readInt32LE(4)];
  const turns = Math.round(Math.atan2(b, a) / (Math.PI / 2));
  return ((turns % 4) + 4) % 4 * 90;
}

/** Width of a pixel to its height, as coded: what the container says, else what the stream does; 1 where nothing is said. */
export function pixelAspectOf(stream: Stream): number {
  const stated = [stream.sampleAspectRatio, stream.codecpar.sampleAspectRatio];
  const { num, den } = stated.find(({ num, den }) => num > 0 && den > 0) ?? { num: 1, den: 1 };
  return num / den;
}

/** Seconds at which the file begins: the earliest of its streams, usually 0. */
export function beginningOf(container: FormatContext): number {
  return container.startTime === AV_NOPTS_VALUE ? 0 : Number(container.startTime) / 1e6;
}

/** Seconds that a file lasts; `undefined` if it does not say. FFmpeg's muxer of Matroska counts from 0, wherever the file begins. */
export function lengthOf(container: FormatContext): number | undefined {
  if (container.duration === AV_NOPTS_VALUE) return undefined;
  const [length, beginning] = [Number(container.duration) / 1e6, beginningOf(container)];
  const countsFromZero = /matroska/.test(container.iformat?.name ?? "") && beginning > 0 &&
    length > beginning;
  return countsFromZero ? length - beginning : length;
}
