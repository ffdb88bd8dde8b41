/** A JPEG file in memory, as decoders expect it. */
export interface MendedJpeg {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the file ends before its picture does. */
  readonly isCut: boolean;
}

/** A marker and what belongs to it, the samples of a scan too. */
interface Segment {
  readonly marker: number;
  /** Where its 0xff lies. */
  readonly at: number;
  readonly end: number;
}

const [END_OF_IMAGE, START_OF_SCAN, NUMBER_OF_LINES] = [0xd9, 0xda, 0xdc];

/**
 * Mends what viewers overlook and libjpeg takes for damage: bytes between segments, which some cameras leave there; a number of
 * lines that comes after the scan (DNL); and a missing end marker. Every sample stays as it is. What follows the picture stays too.
 *
 * @param bytes the file; may be changed
 */
export function mendJpeg(bytes: Uint8Array<ArrayBuffer>): MendedJpeg {
  const segments = [...segmentsOf(bytes)];
  const frame = segments.find(({ marker }) => isFrame(marker));
  const lines = segments.find(({ marker }) => marker === NUMBER_OF_LINES);
  const lacksHeight = frame !== undefined && bytes[frame.at + 5] === 0 && bytes[frame.at + 6] === 0;
  if (lacksHeight && lines) bytes.copyWithin(frame.at + 5, lines.at + 4, lines.at + 6);
  const kept = segments.filter(({ marker }) => marker !== NUMBER_OF_LINES);
  const last = segments.at(-1);
  const isEnded = last?.marker === END_OF_IMAGE;
  // Of one scan the decoder notices if samples are missing; a progressive picture is many.
  const mayEnd = last?.marker === START_OF_SCAN && last.end === bytes.length && !isProgressive(frame?.marker);
  const isWhole = isEnded || mayEnd;
  const isAsExpected = isEnded && kept.every(({ at }, i) => at === (kept[i - 1]?.end ?? 2));
  if (isAsExpected || !isWhole) return { bytes, isCut: !isWhole };
  const after = isEnded ? bytes.subarray(last.end) : Uint8Array.of(0xff, END_OF_IMAGE);
  const parts = [bytes.subarray(0, 2), ...kept.map(({ at, end }) => bytes.subarray(at, end)), after];
  return { bytes: joined(parts), isCut: false };
}

/** Up to the end marker, or to what is no JPEG any more. */
function* segmentsOf(bytes: Uint8Array): Iterable<Segment> {
  for (let at = nextMarker(bytes, 2); at !== undefined;) {
    const marker = bytes[at + 1] ?? 0;
    const length = hasLength(marker) ? ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0) : 0;
    const next = at + 2 + length;
    if (next > bytes.length) return;
    const following = nextMarker(bytes, next);
    const end = marker === START_OF_SCAN ? following ?? bytes.length : next;
    yield { marker, at, end };
    if (marker === END_OF_IMAGE) return;
    at = following;
  }
}

/** Where the next marker lies, other than those inside a scan. */
function nextMarker(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1] ?? 0;
    const isInScan = marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7);
    if (!isInScan) return at;
  }
  return undefined;
}

function hasLength(marker: number): boolean {
  return marker !== 0x01 && !(marker >= 0xd0 && marker <= END_OF_IMAGE);
}

/** SOF0 to SOF15, among which lie three other markers. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function isProgressive(frame: number | undefined): boolean {
  return frame !== undefined && (frame & 3) === 2;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
