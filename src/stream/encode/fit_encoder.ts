import { availableParallelism } from "node:os";
import type { WrittenCodec } from "../video_codecs.ts";

/** What an encoder takes, bytes for each pixel of 8 bits; measured with `VmHWM` on 720p. */
interface EncoderCost {
  /** With one thread, and no look-ahead. */
  readonly base: number;
  /** For each frame that it looks ahead. */
  readonly perFrame: number;
  /** For each thread beyond the first. */
  readonly perThread: number;
  /** Frames that it looks ahead by its preset, and the fewest that still make sense. */
  readonly lookahead: { readonly usual: number; readonly least: number };
  /** How much more 10 bits take than 8. */
  readonly deep: number;
}

const COSTS: Readonly<Record<WrittenCodec, EncoderCost>> = {
  h264: { base: 48, perFrame: 3.6, perThread: 10.5, lookahead: { usual: 40, least: 0 }, deep: 2 },
  hevc: { base: 110, perFrame: 5.5, perThread: 15, lookahead: { usual: 20, least: 5 }, deep: 2 },
  vp9: { base: 45, perFrame: 2.7, perThread: 0, lookahead: { usual: 25, least: 0 }, deep: 2 },
  av1: { base: 120, perFrame: 2.5, perThread: 0, lookahead: { usual: 32, least: 0 }, deep: 1.5 },
  rawvideo: { base: 6, perFrame: 0, perThread: 0, lookahead: { usual: 0, least: 0 }, deep: 2 },
  png: { base: 30, perFrame: 0, perThread: 12, lookahead: { usual: 0, least: 0 }, deep: 2 },
  gif: { base: 40, perFrame: 0, perThread: 0, lookahead: { usual: 0, least: 0 }, deep: 1 },
  apng: { base: 40, perFrame: 0, perThread: 12, lookahead: { usual: 0, least: 0 }, deep: 2 },
  webp: { base: 60, perFrame: 0, perThread: 0, lookahead: { usual: 0, least: 0 }, deep: 1 },
  prores: { base: 60, perFrame: 0, perThread: 12, lookahead: { usual: 0, least: 0 }, deep: 1 },
  ffv1: { base: 42, perFrame: 0, perThread: 0.2, lookahead: { usual: 0, least: 0 }, deep: 2 },
};

/** How an encoder is to keep to an amount of memory. */
export interface FittedEncoder {
  /** Threads; 0 for as many as the encoder thinks fit. */
  readonly threads: number;
  /** Frames to look ahead; absent where its preset's fit. */
  readonly lookahead?: number;
}

/** Threads by which encoders go beyond the number of processors, so that none is idle. */
const THREADS_PER_PROCESSOR = 1.5;

/** The least that an encoder takes, bytes for each pixel. */
export function leastEncoderBytes(codec: WrittenCodec, sampleBytes: 1 | 2): number {
  const { base, perFrame, lookahead, deep } = COSTS[codec];
  return (base + perFrame * lookahead.least) * (sampleBytes === 2 ? deep : 1);
}

/**
 * Threads and look-ahead with which an encoder keeps to an amount of memory: the look-ahead, which makes files smaller, comes
 * before threads beyond those that the machine has processors for.
 *
 * @param pixels of a frame
 * @param bytes it may take; the least it needs is taken in any case
 */
export function fitEncoder(
  codec: WrittenCodec,
  pixels: number,
  sampleBytes: 1 | 2,
  bytes: number,
  processors: number = availableParallelism(),
): FittedEncoder {
  const { base, perFrame, perThread, lookahead: { usual, least }, deep } = COSTS[codec];
  const perPixel = bytes / pixels / (sampleBytes === 2 ? deep : 1);
  const wanted = Math.ceil(THREADS_PER_PROCESSOR * processors);
  const cost = (threads: number, frames: number) => base + perFrame * frames + perThread * (threads - 1);
  if (cost(wanted, usual) <= perPixel) return { threads: 0 };
  for (let threads = Math.min(wanted, processors); threads >= 1; threads--) {
    if (cost(threads, usual) <= perPixel) return { threads };
  }
  const frames = perFrame === 0 ? usual : Math.floor((perPixel - base) / perFrame);
  return { threads: 1, ...(usual > 0 && { lookahead: Math.min(usual, Math.max(least, frames)) }) };
}
