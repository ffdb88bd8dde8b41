import { MediaError } from "../../errors.ts";
import type { FrameSink } from "../../frame.ts";
import { videoLoad } from "../ffmpeg/video_load.ts";
import { OwnedSink } from "../owned_sink.ts";
import { chooseCodec } from "../encode/choose_codec.ts";
import { containerOf } from "../encode/container_format.ts";
import { type CreateVideoOptions, openWriter } from "../encode/create_video.ts";
import { fitEncoder, type FittedEncoder } from "../encode/fit_encoder.ts";
import { planEncoding } from "../encode/video_writer.ts";

/** How a video of segments is written: the same for all of them, and for their join. */
export interface SegmentedVideo extends CreateVideoOptions {
  /** The video, whose name says the format. */
  readonly path: string;
  /** Threads and look-ahead of the encoder: what it writes depends on them. */
  readonly encoder: FittedEncoder;
}

/** A folder that belongs to one job: nothing in it is another's. */
const OWN_FOLDER = { overwrite: true, takeOver: true };

/**
 * Starts writing a segment of a video, as a file of encoded packets for {@linkcode joinVideo}. One that is there is replaced.
 *
 * @throws {MediaError} as `createVideo` does.
 */
export async function createSegment(path: string, video: SegmentedVideo): Promise<FrameSink> {
  const { part, writer } = await openWriter(path, OWN_FOLDER, { ...video, segments: "one" });
  return new OwnedSink(path, part, writer);
}

/** Options of {@linkcode joinVideo}. */
export interface JoinVideoOptions {
  /** Ends the join with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Writes the video that `createVideo` would, of segments that {@linkcode createSegment} wrote, and compares it with its source.
 * The same segments give the same bytes.
 *
 * @param path Where to write it, in a folder that belongs to the job.
 * @returns What could not be kept as it was in the source, one line each.
 * @throws {MediaError} as `createVideo` does, naming a segment that is damaged or does not fit the others, or if the output
 * is not what it should be.
 */
export async function joinVideo(
  path: string,
  video: SegmentedVideo,
  segments: readonly string[],
  { signal }: JoinVideoOptions = {},
): Promise<readonly string[]> {
  const { part, writer } = await openWriter(path, OWN_FOLDER, { ...video, segments: "joined" });
  const interrupt = () => writer.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    await writer.join(segments, signal);
    await writer[Symbol.asyncDispose]();
    const differences = await writer.findDifferences();
    signal?.throwIfAborted();
    if (differences.length > 0) {
      const what = `The output differs from what it should be: ${differences.join("; ")}`;
      throw new MediaError(video.path, `${what}. Please report this; --verify off leaves this check out`);
    }
    await part.complete();
    return writer.notes;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    await writer[Symbol.asyncDispose]();
    await part.discard();
  }
}

/** Processors for which encoders of segments take their threads, however many a machine has. */
const PROCESSORS = 4;

/**
 * Threads and look-ahead for the encoder of all segments of a video.
 *
 * @param path The video, whose name says the format.
 * @throws {MediaError} as `createVideo` does, if frames do not fit in the memory.
 */
export function segmentEncoder(path: string, options: CreateVideoOptions): FittedEncoder {
  const { template, memory } = options;
  const { samples, width, height } = template;
  const { codec } = chooseCodec(template.codec, containerOf(path), options);
  if (samples === undefined) return { threads: PROCESSORS };
  const { encoder } = planEncoding(path, template, samples, codec, memory);
  const fitted = fitEncoder(
    codec,
    width * height,
    videoLoad(template, samples).sampleBytes,
    encoder,
    PROCESSORS,
  );
  return fitted.threads === 0 ? { ...fitted, threads: PROCESSORS } : fitted;
}
