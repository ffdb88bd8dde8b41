import { availableParallelism } from "node:os";
import { MediaError } from "./errors.ts";
import { defaultMemory, describeBytes } from "./free_memory.ts";
import type { MediaInfo } from "./frame.ts";

/** Pictures that a job is to restore, as far as it matters to memory. */
export interface PictureLoad {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Bytes of one sample of RGB: 1 for 8 bits, 2 for more. */
  readonly sampleBytes: 1 | 2;
  /** Bytes of a pixel as decoders give it, for a video; absent for picture files. */
  readonly decodedBytes?: number;
  /** Bytes of a pixel that the encoder of a video takes at the least. @default {those of x264} */
  readonly encoderBytes?: number;
  /** Bytes of the compressed file, for a picture file, which is read whole. @default {0} */
  readonly fileBytes?: number;
  /** Whether the network looks at the frames beside each too, with which it is also fused: copies are kept. @default {false} */
  readonly neighbours?: boolean;
}

/** What each part of a job may take, bytes. */
export interface JobMemory {
  /** Decoder threads, of which each holds frames. */
  readonly decoderThreads: number;
  /** For the encoder of a video. */
  readonly encoder: number;
  /** For the network, which restores larger pictures in tiles. */
  readonly network: number;
  /** The least that the job takes. */
  readonly least: number;
}

/** Deno, FFmpeg and the runtime of the network, with the weights. */
const PROCESS_BYTES = 360 * 2 ** 20;
/** The network on tiles as small as is reasonable. */
const LEAST_NETWORK_BYTES = 96 * 2 ** 20;
/** Frames between decoder and encoder, and what a frame is moved and converted in. */
const FRAMES_IN_FLIGHT = 7;
const WORKING_COPIES = 2;
/** Copies of frames that are neighbours: at hand, on the way to the network's Worker, and moved onto each other there. */
const NEIGHBOUR_COPIES = 14;
/**
 * Copies of frames for fusing: three restored ones, two of them moved onto the one in the middle, the result, and three more in the
 * memory of the kernels, which never shrinks.
 */
const FUSING_COPIES = 9;
/** Copies of a picture file's samples at the worst moment: while it is written, beside what the network keeps. With 4, 48 megapixels took 54 MiB more than they might. */
const PICTURE_COPIES = 6;
/** Copies of the compressed file: one for reading, one for writing. */
const FILE_COPIES = 2;
/** Frames that a decoder holds for reference, and that each of its threads holds. */
const DECODER_FRAMES = 8;
const FRAMES_PER_THREAD = 2;
/** More decoder threads than that are of no use. */
const MOST_THREADS = 16;
/** Bytes a pixel of 8 bits that x264 takes with one thread and no look-ahead. */
const LEAST_ENCODER = 50;
/** What encoders take more with the look-ahead of their presets, and for each processor. */
const LOOKAHEAD = 150;
const ENCODER_PER_PROCESSOR = 16;

/** Shares of what is left over once every part has the least it needs; the network gets the rest. */
const ENCODER_SHARE = 0.4;
const DECODER_SHARE = 0.15;

/**
 * Divides memory among the parts of a job. Each gets the least it needs, and of what is left over as much as does it good.
 *
 * @param path what errors name
 * @param budget bytes that this process may take in all
 * @throws {MediaError} if that does not do.
 */
export function planJobMemory(path: string, load: PictureLoad, budget: number = defaultMemory()): JobMemory {
  const { width, height, sampleBytes, decodedBytes } = load;
  const pixels = width * height;
  const isVideo = decodedBytes !== undefined;
  const frame = 3 * sampleBytes * pixels;
  const encoderLeast = isVideo ? (load.encoderBytes ?? LEAST_ENCODER * sampleBytes) * pixels : 0;
  const perThread = isVideo ? FRAMES_PER_THREAD * decodedBytes * pixels : 0;
  const held = isVideo
    ? FRAMES_IN_FLIGHT * (frame + decodedBytes * pixels) + WORKING_COPIES * frame +
      DECODER_FRAMES * decodedBytes * pixels +
      (load.neighbours ? (NEIGHBOUR_COPIES + FUSING_COPIES) * frame : 0)
    : PICTURE_COPIES * frame + FILE_COPIES * (load.fileBytes ?? 0);
  const least = PROCESS_BYTES + held + perThread + encoderLeast + LEAST_NETWORK_BYTES;
  if (budget < least) {
    throw new MediaError(
      path,
      `Pictures of ${width}x${height} take at least ${describeBytes(least)} of memory, and ${
        describeBytes(budget)
      } may be used. Close other programs, ${
        load.neighbours ? "restore each frame on its own (--preset fast), " : ""
      }or allow more (--memory)`,
    );
  }
  const rest = budget - least;
  const useful = (LOOKAHEAD + ENCODER_PER_PROCESSOR * availableParallelism()) * sampleBytes * pixels;
  const encoderMore = isVideo ? Math.min(useful, ENCODER_SHARE * rest) : 0;
  const threads = isVideo
    ? Math.min(MOST_THREADS - 1, availableParallelism() - 1, Math.floor(DECODER_SHARE * rest / perThread))
    : 0;
  return {
    decoderThreads: 1 + threads,
    encoder: encoderLeast + encoderMore,
    network: LEAST_NETWORK_BYTES + rest - encoderMore - threads * perThread,
    least,
  };
}

/** Pictures of a job, as far as it is known what they are: `MediaInfo` fits. */
export interface KnownPictures {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly kind: MediaInfo["kind"];
  /** Bytes of one sample. @default {1} */
  readonly sampleBytes?: 1 | 2;
  /** Whether the network looks at the frames beside each too. @default {false} */
  readonly neighbours?: boolean;
}

/** @throws {MediaError} if a job on such pictures cannot do with `budget` bytes. @param path what the error names */
export function checkMemory(path: string, pictures: KnownPictures, budget: number = defaultMemory()): void {
  planJobMemory(path, loadOf(pictures), budget);
}

/** Bytes that the network may take of what a job may take: the least, at least, for a job that goes on already. */
export function networkMemory(pictures: KnownPictures, budget: number): number {
  const load = loadOf(pictures);
  return budget > leastMemory(pictures) ? planJobMemory("", load, budget).network : LEAST_NETWORK_BYTES;
}

/** The least that a job on such pictures takes, bytes. */
export function leastMemory(pictures: KnownPictures): number {
  return planJobMemory("", loadOf(pictures), Infinity).least;
}

function loadOf({ width, height, kind, sampleBytes = 1, neighbours = false }: KnownPictures): PictureLoad {
  const isVideo = kind === "video" || kind === "live";
  return { width, height, sampleBytes, neighbours, ...(isVideo && { decodedBytes: 1.5 * sampleBytes }) };
}
