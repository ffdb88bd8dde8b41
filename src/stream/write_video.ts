import type { FormatContext, OutputFormat } from "node-av/lib";
import { AVFMT_GLOBALHEADER } from "node-av/constants";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSink, MediaInfo } from "../frame.ts";
import { chooseCodec, refuseCodec } from "./choose_codec.ts";
import { openContainer } from "./open_container.ts";
import { PartFile } from "../part_file.ts";
import type { VideoCodec } from "./video_codec.ts";
import { VideoEncoder } from "./video_encoder.ts";
import { containerOf, VideoMuxer } from "./video_muxer.ts";
import { lookOf, plainLook } from "./video_look.ts";
import { videoStream } from "./video_stream.ts";

/** Options of {@linkcode createVideo}. */
export interface CreateVideoOptions {
  /** The source whose frames will be written: `FrameSource.info`. Everything beside the frames is copied from its file. */
  readonly source: MediaInfo;
  /** Codec family. @default {the source's where there is an encoder for it and the container can hold it, else "h264"} */
  readonly codec?: VideoCodec;
  /** Constant quality, 0 (best) to 51 (63 for vp9 and av1); 18 looks lossless in h264; not for ffv1, which is. @default {18} */
  readonly crf?: number;
  /** Lose nothing after the conversion to the pixel format. @default {false} */
  readonly lossless?: boolean;
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
}

/** Frames waiting to be encoded. */
const HIGH_WATER_MARK = 1;

/**
 * Starts writing a video file. Audio, subtitles, attachments and tags are copied from the source's file as they are;
 * rotation, sample aspect, colour tags and times are kept; the size is that of the first frame. It grows as
 * `NAME.part` in the same folder and gets its name when `frames` is closed; aborting or disposing the sink before
 * that removes it. At most 1 frame waits in `frames` (its high-water mark).
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the input, cannot be written there, or its
 * container cannot hold the codec.
 * @throws {RangeError} if `crf` or `codec` is none that exists, or `crf` is given for ffv1.
 */
export async function createVideo(path: string, options: CreateVideoOptions): Promise<FrameSink> {
  const { source, lossless = false, overwrite = false } = options;
  const format = containerOf(path);
  const { codec, crf, notes } = chooseCodec(source.codec, format, options);
  const part = await PartFile.create(path, { inputs: [source.path], overwrite });
  try {
    await refuseCodec(path, codec, format, part.partPath);
    const container = source.kind === "live" ? undefined : await openContainer(source.path);
    const wanted = { source, codec, crf, lossless, notes };
    return new VideoSink(path, wanted, format, part, container);
  } catch (error) {
    await part.discard();
    throw error;
  }
}

/** What a {@linkcode VideoSink} writes. */
interface VideoSinkOptions {
  readonly source: MediaInfo;
  readonly codec: VideoCodec;
  readonly crf: number;
  readonly lossless: boolean;
  /** What is known before the first frame to become other than it was. */
  readonly notes: readonly string[];
}

class VideoSink implements FrameSink {
  readonly frames: WritableStream<Frame>;
  readonly #path: string;
  readonly #options: VideoSinkOptions;
  readonly #format: OutputFormat;
  readonly #part: PartFile;
  readonly #container: FormatContext | undefined;
  #encoder: VideoEncoder | undefined;
  #muxer: VideoMuxer | undefined;
  #fail: ((error: unknown) => void) | undefined;
  #busy: Promise<void> = Promise.resolve();
  #target: string;
  #lastPts: bigint | undefined;
  #moved = 0;
  #released: Promise<void> | undefined;

  constructor(
    path: string,
    options: VideoSinkOptions,
    format: OutputFormat,
    part: PartFile,
    container: FormatContext | undefined,
  ) {
    [this.#path, this.#target, this.#options] = [path, path, options];
    [this.#format, this.#part, this.#container] = [format, part, container];
    this.frames = new WritableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      write: (frame) => this.#busy = this.#write(frame),
      close: () => this.#finish(),
      abort: () => this.#release(),
    }, { highWaterMark: HIGH_WATER_MARK });
  }

  get notes(): readonly string[] {
    const moved = this.#moved > 0
      ? [`${this.#moved} frames had a time not after the one before and were moved`]
      : [];
    return [...this.#options.notes, ...this.#encoder?.notes ?? [], ...this.#muxer?.notes ?? [], ...moved];
  }

  async finishAs(path: string): Promise<void> {
    this.#target = path;
    await this.frames.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#released === undefined) this.#fail?.(new MediaError(this.#path, "The output was given up"));
    await this.#release();
  }

  async #write(frame: Frame): Promise<void> {
    const { encoder, muxer } = await this.#start(frame);
    let pts = muxer.shift(frame.pts);
    if (this.#lastPts !== undefined && pts <= this.#lastPts) {
      pts = this.#lastPts + 1n;
      this.#moved++;
    }
    this.#lastPts = pts;
    await encoder.encode({ ...frame, pts }, (packet) => muxer.write(packet));
  }

  /** Everything that needs the size of the pictures happens at the first of them. */
  async #start(frame: Frame): Promise<{ encoder: VideoEncoder; muxer: VideoMuxer }> {
    if (this.#encoder && this.#muxer) return { encoder: this.#encoder, muxer: this.#muxer };
    const { source: info, codec, crf, lossless } = this.#options;
    const container = this.#container;
    const source = container && { container, video: videoStream(container, info.path) };
    const look = source ? lookOf(source.video) : plainLook(info);
    const globalHeader = this.#format.hasFlags(AVFMT_GLOBALHEADER);
    this.#encoder = await VideoEncoder.open(this.#path, frame, {
      codec,
      crf,
      lossless,
      globalHeader,
      look,
    });
    this.#muxer = new VideoMuxer({
      path: this.#path,
      partPath: this.#part.partPath,
      format: this.#format,
      source,
      info,
    });
    await this.#muxer.start(this.#encoder.context);
    return { encoder: this.#encoder, muxer: this.#muxer };
  }

  async #finish(): Promise<void> {
    try {
      const muxer = this.#muxer;
      if (!this.#encoder || !muxer) throw new MediaError(this.#path, "No frame came; wanted at least one");
      await this.#encoder.flush((packet) => muxer.write(packet));
      await muxer.finish();
      await this.#closeAll();
      await this.#part.complete(this.#target);
    } finally {
      await this.#release();
    }
  }

  #release(): Promise<void> {
    this.#released ??= (async () => {
      // FFmpeg works on another thread: nothing may be freed under it. Its failure was the stream's, already told.
      await this.#busy.catch(() => {});
      await this.#closeAll();
      await this.#part.discard();
    })();
    return this.#released;
  }

  #closing: Promise<void> | undefined;

  #closeAll(): Promise<void> {
    this.#closing ??= (async () => {
      this.#encoder?.[Symbol.dispose]();
      await this.#muxer?.close();
      await this.#container?.closeInput();
    })();
    return this.#closing;
  }
}
