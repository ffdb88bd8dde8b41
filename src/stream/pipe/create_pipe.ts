import { constants, devNull } from "node:os";
import { FFmpegError, OutputFormat } from "node-av/lib";
import { ClosedPipeError, MediaError, OptionError } from "../../errors.ts";
import type { Frame, FrameSink } from "../../frame.ts";
import { PIPE } from "../ffmpeg/open_container.ts";
import { chooseCodec } from "../encode/choose_codec.ts";
import { refuseCodec } from "../encode/container_format.ts";
import { type CreateVideoOptions, openCopied } from "../encode/create_video.ts";
import { VideoWriter } from "../encode/video_writer.ts";
import { isPipeFormat, PIPE_FORMATS, type PipeFormat } from "../pipe_formats.ts";

/** Options of {@linkcode createPipe}. */
export interface CreatePipeOptions extends Omit<CreateVideoOptions, "overwrite" | "verify"> {
  /** Container. @default {"y4m": uncompressed pictures, without sound, times and tags} */
  readonly format?: PipeFormat | undefined;
}

/** FFmpeg's names of the containers. */
const MUXERS: Readonly<Record<PipeFormat, string>> = {
  y4m: "yuv4mpegpipe",
  mkv: "matroska",
  nut: "nut",
  ts: "mpegts",
  webm: "webm",
};

/**
 * Writes a video to standard output, as fast as it is read there. At most 1 frame waits in `frames`. When the reader closes the pipe,
 * `frames` fails with a {@linkcode ClosedPipeError}.
 *
 * @throws {MediaError} if the container cannot hold the codec.
 * @throws {RangeError} if `format`, `codec` or `crf` is none that exists.
 */
export async function createPipe(options: CreatePipeOptions): Promise<FrameSink> {
  const { template, copy, lossless = false, memory, format: name = "y4m" } = options;
  if (!isPipeFormat(name)) {
    throw new OptionError(`format must be one of ${PIPE_FORMATS.join(", ")}, not "${name}"`);
  }
  const format = OutputFormat.guessFormat(MUXERS[name], null, null);
  if (format === null) throw new MediaError(PIPE, `There is no muxer of ${name} in this FFmpeg`);
  const { codec, crf, notes } = chooseCodec(template.codec, format, options);
  await refuseCodec(PIPE, codec, format, devNull);
  const copied = copy && await openCopied(copy);
  const plan = {
    path: PIPE,
    partPath: devNull,
    address: "pipe:1",
    format,
    codec,
    crf,
    lossless,
    memory,
    verify: "off",
  } as const;
  // Raw pictures are what a pipe of y4m is for.
  const writer = new VideoWriter({ ...plan, notes: name === "y4m" ? [] : notes }, template, copied);
  return new PipeSink(writer);
}

/** Over a writer whose output needs no file to be kept or removed. */
class PipeSink implements FrameSink {
  readonly frames: WritableStream<Frame>;
  readonly #writer: VideoWriter;
  #freed: Promise<void> | undefined;

  constructor(writer: VideoWriter) {
    this.#writer = writer;
    this.frames = new WritableStream<Frame>({
      write: (frame) => untilClosed(() => writer.write(frame)),
      close: async () => {
        await untilClosed(() => writer.finish());
        await this.#free();
      },
      abort: () => this.#free(),
    }, { highWaterMark: 1 });
  }

  get notes(): readonly string[] {
    return this.#writer.notes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#free();
  }

  #free(): Promise<void> {
    return this.#freed ??= this.#writer[Symbol.asyncDispose]();
  }
}

/** Does `write`. @throws {ClosedPipeError} if the reader has closed the pipe. */
async function untilClosed(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { cause } = error instanceof MediaError ? error : {};
    const isClosed = cause instanceof FFmpegError && cause.code === -constants.errno.EPIPE;
    throw isClosed ? new ClosedPipeError(PIPE, "The reader closed the pipe", { cause }) : error;
  }
}
