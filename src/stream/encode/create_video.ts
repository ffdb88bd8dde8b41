import { MediaError } from "../../errors.ts";
import type { FrameSink } from "../../frame.ts";
import { PartFile, type PartFileOptions } from "../../part_file.ts";
import { openContainer } from "../ffmpeg/open_container.ts";
import { toneCurveOf } from "../ffmpeg/tone_curve.ts";
import { videoStream } from "../ffmpeg/video_stream.ts";
import { readAnimation } from "../animation/read_animation.ts";
import { OwnedSink } from "../owned_sink.ts";
import { checkMemory } from "../source_options.ts";
import type { CopiedVideo, SinkOptions, VideoTemplate } from "../sink_options.ts";
import type { WrittenCodec } from "../video_codecs.ts";
import { chooseCodec } from "./choose_codec.ts";
import { containerOf, holdsTimes, refuseCodec } from "./container_format.ts";
import type { FittedEncoder } from "./fit_encoder.ts";
import { isAnimation } from "./video_codec.ts";
import type { CopiedFile } from "./video_muxer.ts";
import { planEncoding, VideoWriter } from "./video_writer.ts";

/** Frames a second, and a little for what containers round; and what is the unit of the times where the rate is not known. */
const [GIF_RATE, NO_RATE] = [50.5, 1000];

/** Options of {@linkcode createVideo}. */
export interface CreateVideoOptions extends SinkOptions {
  /** What the frames are like; `FrameSource.info` fits. */
  readonly template: VideoTemplate;
  /** File to take everything beside the pictures from. @default {none: the output holds the pictures alone} */
  readonly copy?: CopiedVideo | undefined;
}

/**
 * Starts writing a video file. Of the file to copy from, audio, subtitles, attachments and tags are copied as they are, and
 * rotation, sample aspect, colour tags and times are kept; the size is that of the first frame. The output grows as
 * `NAME.part` in the same folder and gets its name when `frames` is closed; aborting or disposing the sink before
 * that removes it. At most 1 frame waits in `frames` (its high-water mark).
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the file to copy from, cannot be written there, or its
 * container cannot hold the codec.
 * @throws {RangeError} if `crf` or `codec` is none that exists, or `crf` is given for ffv1 or png.
 */
export async function createVideo(path: string, options: CreateVideoOptions): Promise<FrameSink> {
  const { overwrite = false, copy } = options;
  const { part, writer } = await openWriter(path, { overwrite, inputs: copy ? [copy.path] : [] }, {
    ...options,
    path,
  });
  return new OwnedSink(path, part, writer);
}

/** What {@linkcode openWriter} opens. */
export interface OpenWriterOptions extends CreateVideoOptions {
  /** The video, whose name says the format. */
  readonly path: string;
  /** Whether a segment of the video is written, or it is joined of segments. @default {neither} */
  readonly segments?: "one" | "joined";
  /** Threads and look-ahead of the encoder, for a video of segments. */
  readonly encoder?: FittedEncoder;
}

/**
 * Opens what writes a video, or a segment of one, into the part file of `path`. The caller owns both.
 *
 * @throws {MediaError} as {@linkcode createVideo} does.
 */
export async function openWriter(
  path: string,
  place: PartFileOptions,
  options: OpenWriterOptions,
): Promise<{ part: PartFile; writer: VideoWriter }> {
  const { template, copy, memory, verify = "streams", segments, encoder } = options;
  checkMemory(options);
  const format = containerOf(options.path, template.codec);
  const { codec, crf, notes } = chooseCodec(template.codec, format, options);
  refuseFastGif(options.path, codec, template.frameRate);
  if (isAnimation(codec) && toneCurveOf(template.samples?.transfer ?? 0) !== undefined) {
    throw new MediaError(
      options.path,
      `The video is HDR, which ${codec} does not hold. Use .mp4 or .mkv`,
    );
  }
  const order = holdsTimes(format)
    ? []
    : [`Without B-frames: a file of ${format.name} does not hold their times`];
  if (template.samples) planEncoding(options.path, template, template.samples, codec, memory);
  await using creating = new AsyncDisposableStack();
  const part = creating.adopt(await PartFile.create(path, place), (created) => created.discard());
  await refuseCodec(options.path, codec, format, part.partPath);
  const copied = copy && await openCopied(copy);
  const lossless = options.lossless || codec === "webp" && await isLosslessAnimation(copy);
  const dynamic = (template.hdr?.dynamic ?? []).map((name) =>
    `${name} metadata are left out: they cannot be written`
  );
  const plan = {
    path,
    partPath: part.partPath,
    format,
    codec,
    crf,
    lossless,
    memory,
    verify,
    notes: [...notes, ...order, ...dynamic],
    segments,
    encoder,
  };
  const writer = new VideoWriter(plan, template, copied);
  creating.move(); // the caller owns it all from here on
  return { part, writer };
}

/** Times in a GIF are hundredths of a second, and browsers show a frame of fewer than two for ten. */
function refuseFastGif(path: string, codec: WrittenCodec, frameRate = 0): void {
  if (codec !== "gif" || frameRate <= GIF_RATE || frameRate >= NO_RATE) return;
  const what = `A GIF shows at most 50 frames a second, and these are ${Math.round(frameRate)}`;
  throw new MediaError(path, `${what}: browsers would show them slower. Use .webp, .apng or .mp4`);
}

async function isLosslessAnimation(copy: CopiedVideo | undefined): Promise<boolean> {
  return copy !== undefined && ((await readAnimation(copy.path))?.isLossless ?? false);
}

/** Opens the file to copy from. */
export async function openCopied({ path, range }: CopiedVideo): Promise<CopiedFile> {
  const container = await openContainer(path);
  try {
    return { path, container, video: videoStream(container, path), range };
  } catch (error) {
    await container.closeInput();
    throw error;
  }
}
