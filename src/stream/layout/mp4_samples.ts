/** A sample of a track of an MP4 file. */
export interface TrackSample {
  /** First byte in the file. */
  readonly at: number;
  /** Bytes. */
  readonly size: number;
  /** In units of the track. */
  readonly start: bigint;
  /** In units of the track. */
  readonly duration: bigint;
}

/** More samples are none of chapters. */
const MOST_SAMPLES = 10_000;

/**
 * Where the samples of a track lie, and when they are shown.
 *
 * @param table one of the boxes that say it, by its name
 */
export function findSamples(table: (name: string) => Uint8Array | undefined): TrackSample[] {
  const offsets = chunkOffsets(table);
  const sizes = numbersOf(table("stsz"), 4, 4);
  const common = sizes[0] ?? 0;
  const count = Math.min(MOST_SAMPLES, sizes[1] ?? 0);
  const times = durations(numbersOf(table("stts"), 8, 4), count);
  const inChunk = samplesOfChunks(numbersOf(table("stsc"), 8, 4), offsets.length);
  const samples: TrackSample[] = [];
  let start = 0n;
  for (const [chunk, offset] of offsets.entries()) {
    let at = offset;
    for (let i = 0; i < (inChunk[chunk] ?? 0) && samples.length < count; i++) {
      const size = common || (sizes[2 + samples.length] ?? 0);
      const duration = BigInt(times[samples.length] ?? 0);
      samples.push({ at, size, start, duration });
      [at, start] = [at + size, start + duration];
    }
  }
  return samples;
}

/** Places of the chunks, of 4 bytes or of 8. */
function chunkOffsets(table: (name: string) => Uint8Array | undefined): number[] {
  const wide = table("co64");
  if (wide === undefined) return numbersOf(table("stco"), 8, 4).slice(0, MOST_SAMPLES);
  const halves = numbersOf(wide, 8, 4).slice(0, 2 * MOST_SAMPLES);
  return Array.from(
    { length: halves.length >> 1 },
    (_, i) => (halves[2 * i] ?? 0) * 2 ** 32 + (halves[2 * i + 1] ?? 0),
  );
}

/** How long each sample is shown, of runs of samples of one length. */
function durations(runs: readonly number[], count: number): number[] {
  const times: number[] = [];
  for (let i = 0; i + 1 < runs.length && times.length < count; i += 2) {
    for (let left = Math.min(runs[i] ?? 0, count - times.length); left > 0; left--) {
      times.push(runs[i + 1] ?? 0);
    }
  }
  return times;
}

/** How many samples are in each chunk: entries say it from a chunk on, counted from 1. */
function samplesOfChunks(entries: readonly number[], chunks: number): number[] {
  return Array.from({ length: chunks }, (_, chunk) => {
    let samples = 0;
    for (let i = 0; i + 2 < entries.length && (entries[i] ?? 0) <= chunk + 1; i += 3) {
      samples = entries[i + 1] ?? 0;
    }
    return Math.min(samples, MOST_SAMPLES);
  });
}

function numbersOf(box: Uint8Array | undefined, from: number, bytes: 4): number[] {
  if (box === undefined) return [];
  const view = new DataView(box.buffer, box.byteOffset, box.byteLength);
  const length = Math.max(0, Math.floor((box.byteLength - from) / bytes));
  return Array.from(
    { length: Math.min(length, 4 * MOST_SAMPLES) },
    (_, i) => view.getUint32(from + bytes * i),
  );
}
