import { constants } from "node:os";
import { FormatContext, OutputFormat, type Stream } from "node-av/lib";
import {
  AV_CODEC_ID_ASS,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_MOV_TEXT,
  AV_CODEC_ID_NONE,
  AV_CODEC_ID_SUBRIP,
  AV_CODEC_ID_TEXT,
  AV_CODEC_ID_WEBVTT,
  type AVCodecID,
  AVFMT_GLOBALHEADER,
  AVFMT_NOFILE,
} from "node-av/constants";
import { extname } from "node:path";
import { MediaError } from "../../errors.ts";
import { pictureFormatOf } from "../../media_name.ts";
import { fileAddress } from "../ffmpeg/open_container.ts";
import type { WrittenCodec } from "../video_codecs.ts";
import { isAnimation, openTrialEncoder } from "./video_codec.ts";

/** Failures that say nothing of the format, as FFmpeg returns them. */
const DISK_FAILURES: Readonly<Record<number, string>> = {
  [-constants.errno.ENOSPC]: "The disk is full. Free some space",
  [-constants.errno.EIO]: "The disk failed. Write to another one",
};

/**
 * The container that a file name asks for.
 *
 * @param sourceCodec codec of the source, by FFmpeg's name: an animated PNG may be called like a still one
 * @throws {MediaError} if its extension stands for none.
 */
export function containerOf(path: string, sourceCodec?: string): OutputFormat {
  const isPng = pictureFormatOf(path) === "png";
  const format = OutputFormat.guessFormat(isPng && sourceCodec === "apng" ? "apng" : null, path, null);
  if (pictureFormatOf(path) !== undefined && (format === null || format.hasFlags(AVFMT_NOFILE))) {
    const pictures = `${path.replace(/\.[^.]*$/, "")}/%06d${extname(path)}`;
    throw new MediaError(
      path,
      `One picture holds no video. Use .mp4, .gif, .apng, .webp, or ${pictures} for a folder of them`,
    );
  }
  // Formats that write many files, or none, hold no video file: "image2" for .png.
  if (format === null || format.hasFlags(AVFMT_NOFILE)) {
    throw new MediaError(path, "No video container has this extension. Use .mp4, .mov, .mkv or .webm");
  }
  return format;
}

/**
 * Whether a container says when each frame is shown. AVI counts frames as they are decoded: frames coded in another order
 * would be shown late, by as many as are reordered, and sound would not.
 */
export function holdsTimes({ name }: OutputFormat): boolean {
  return name !== "avi";
}

/** Whether the frames of a video come in another order than they are shown in, or may do. */
export function needsTimes({ codecpar: { videoDelay, codecId } }: Stream): boolean {
  return videoDelay > 0 || codecId === AV_CODEC_ID_H264 || codecId === AV_CODEC_ID_HEVC;
}

/** Whether FFmpeg's muxer of MP4 writes a container, by its name. */
export function isMp4Family(name: string | null | undefined): boolean {
  return /^(?:mp4|mov|ipod|3gp|3g2|ismv|f4v|psp)$/.test(name ?? "");
}

/** Whether a container keeps the opacity that a codec can have: that of VP9 lies beside its frames, where only Matroska has room. */
export function holdsOpacity({ name }: OutputFormat, codec: WrittenCodec): boolean {
  if (isAnimation(codec)) return true;
  if (codec === "vp9") return name === "webm" || name === "matroska";
  return codec === "ffv1" || codec === "prores" || codec === "png";
}

/** Whether a container holds nothing but raw pictures at an even rate. */
export function isY4m({ name }: OutputFormat): boolean {
  return name === "yuv4mpegpipe";
}

/**
 * Options of FFmpeg's muxer, for an output that is made from a file.
 *
 * @param isExact Write the same bytes every time: some containers give each file a random number of its own otherwise.
 */
export function muxerOptions(
  format: OutputFormat,
  copied: FormatContext | undefined,
  isExact = false,
): Record<string, string> {
  if (isExact) return { ...muxerOptions(format, copied), fflags: "+bitexact" };
  const { name } = format;
  if (isMp4Family(name)) {
    const ownKeys = Object.keys(copied?.metadata?.getAll() ?? {}).some((key) =>
      key.startsWith("com.") || key === "firmware"
    );
    return { movflags: ownKeys ? "+faststart+use_metadata_tags" : "+faststart" };
  }
  if (isY4m(format)) return { strict: "experimental" }; // more than 8 bits
  return name === "mpegts" ? { mpegts_copyts: "1" } : {};
}

/** Subtitles of text, which a transport stream takes as private data that no player shows. */
const TEXT_SUBTITLES: readonly AVCodecID[] = [
  AV_CODEC_ID_MOV_TEXT,
  AV_CODEC_ID_SUBRIP,
  AV_CODEC_ID_ASS,
  AV_CODEC_ID_WEBVTT,
  AV_CODEC_ID_TEXT,
];

function hasPlace({ name }: OutputFormat, codec: AVCodecID): boolean {
  return codec !== AV_CODEC_ID_NONE && !(name === "mpegts" && TEXT_SUBTITLES.includes(codec));
}

/**
 * Whether a container of this format takes the streams that `add` gives it. FFmpeg's muxers know only when they
 * write a header, so one is written to `address`, a file that may be overwritten.
 *
 * @throws {MediaError} if the disk is full or fails, which says nothing of the format.
 */
export async function canHold(
  format: OutputFormat,
  address: string,
  add: (output: FormatContext) => void,
): Promise<boolean> {
  const trial = new FormatContext();
  if (trial.allocOutputContext2(format, null, address) < 0) return false;
  try {
    add(trial);
    if (trial.streams.some(({ codecpar }) => !hasPlace(format, codecpar.codecId))) return false;
    const opened = await trial.openOutput();
    const code = opened < 0 ? opened : await trial.writeHeader(null);
    const failure = DISK_FAILURES[code];
    if (failure !== undefined) throw new MediaError(address.replace(/^file:/, ""), failure);
    return code >= 0;
  } finally {
    await trial.closeOutput();
    trial.freeContext();
  }
}

/**
 * @param partPath a file that may be overwritten
 * @throws {MediaError} if a container of this format cannot hold the codec.
 */
export async function refuseCodec(
  path: string,
  codec: WrittenCodec,
  format: OutputFormat,
  partPath: string,
): Promise<void> {
  using trial = await openTrialEncoder(codec, path, format.hasFlags(AVFMT_GLOBALHEADER));
  const isHeld = await canHold(format, fileAddress(partPath), (output) => {
    output.newStream(null).codecpar.fromContext(trial);
  });
  if (isHeld) return;
  throw new MediaError(
    path,
    `A ${format.name} file cannot hold ${codec} video. Use ${CONTAINERS[codec]}, or another codec`,
  );
}

const CONTAINERS: Readonly<Record<WrittenCodec, string>> = {
  h264: ".mp4 or .mkv",
  hevc: ".mp4 or .mkv",
  av1: ".webm or .mkv",
  vp9: ".webm or .mkv",
  ffv1: ".mkv",
  prores: ".mov or .mkv",
  png: ".mov or .mkv",
  rawvideo: ".y4m or .nut",
  gif: ".gif",
  apng: ".apng",
  webp: ".webp",
};

/** Tags of the file that describe the old container, not what is in it. */
const DROPPED_TAGS = new Set(["major_brand", "minor_version", "compatible_brands", "encoder"]);

/** Tags of a file that belong to its new one too. */
export function keptTags(source: FormatContext): Record<string, string> {
  const tags = Object.entries(source.metadata?.getAll() ?? {});
  return Object.fromEntries(tags.filter(([key]) => !DROPPED_TAGS.has(key)));
}
