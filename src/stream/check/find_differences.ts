import { AV_DISPOSITION_DEFAULT } from "node-av/constants";
import type { FileFacts, StreamFacts } from "./stream_facts.ts";

/** What was meant to be written, of which a finished file is to differ in nothing. */
export interface MeantFile {
  /** What the frames that were written are like; times in seconds of the output. */
  readonly video: {
    readonly codec: string;
    readonly frames: number;
    readonly first: number;
    readonly last: number;
    /** When the last one ends, where frames that equal the one before them are written as one with it. */
    readonly mergedEnd?: number | undefined;
  };
  /** The file it is made from; absent where the output holds the pictures alone. */
  readonly source?: MeantSource | undefined;
}

/** The file that an output is made from, and what of it is known to be otherwise. */
export interface MeantSource {
  readonly facts: FileFacts;
  /** Streams, by index, that the notes say to be left out. */
  readonly leftOut: ReadonlySet<number>;
  /** Streams, by index, that are written in another form. */
  readonly converted: ReadonlySet<number>;
  /** Seconds that every time moves back by. */
  readonly offset: number;
  /** Whether only a part of it is taken, so that packets at its ends are not. */
  readonly isPart: boolean;
}

/** How a finished file differs from what was meant to be written. */
export interface Differences {
  /** What is missing or wrong, one line each. */
  readonly wrong: readonly string[];
  /** What the container does not hold: tags, and of one of another kind languages and dispositions too. One line each. */
  readonly lost: readonly string[];
}

/** Seconds by which times may differ: what a container of the same kind, and one of another, rounds them to. */
const SAME_KIND_SECONDS = 0.002;
const OTHER_KIND_SECONDS = 0.05;

/** Tags that say how a file was written, and not what is in it; languages are compared on their own. */
const WRITERS_TAGS =
  /^(?:encoder|software|language|major_brand|minor_version|compatible_brands|vendor_id|duration|handler_name|_statistics.*|number_of_.*|bps|timecode|creation_time)(?:-\w+)?$/;

/**
 * Compares a finished file with what was meant to be written, and with the file it is made from, stream by stream: their number, codecs,
 * languages, dispositions, tags, packets, and times.
 */
export function findDifferences(output: FileFacts, meant: MeantFile): Differences {
  const { source } = meant;
  const wrong: string[] = [];
  const lost: string[] = [];
  const restored = (written: StreamFacts | undefined, shift = 0) =>
    compareFrames(written, meant, isCounting(output) ? undefined : shift);
  if (source === undefined) return { wrong: restored(output.streams[output.video]), lost };
  const { facts, leftOut, converted } = source;
  const isSameKind = facts.format === output.format;
  // Other containers, and transport streams, begin at a time of their own: what counts is that everything stays together.
  const begin = isCounting(output) ? undefined : output.streams[output.video]?.times?.first;
  const keepsBeginning = isSameKind && !/^mpeg/.test(output.format);
  const shift = keepsBeginning || begin === undefined ? 0 : begin - meant.video.first;
  const unmatched = [...output.streams];
  for (const stream of facts.streams) {
    if (leftOut.has(stream.index)) continue;
    const place = unmatched.findIndex(({ type }) => type === stream.type);
    const [written] = place < 0 ? [] : unmatched.splice(place, 1);
    const say = (line: string) => `Stream ${stream.index} (${stream.name}): ${line}`;
    if (written === undefined) {
      if (!isEmpty(stream)) wrong.push(say("it is missing"));
      continue;
    }
    if (stream.index === facts.video) wrong.push(...restored(written, shift).map(say));
    else if (!converted.has(stream.index)) {
      wrong.push(...comparePackets(stream, written, source, isSameKind, shift).map(say));
    }
    (isSameKind ? wrong : lost).push(...comparePurpose(stream, written).map(say));
    lost.push(...compareTags(stream.tags, written.tags).map(say));
  }
  lost.push(...compareTags(facts.tags, output.tags).map((line) => `File: ${line}`));
  const extra = unmatched.filter((stream) => stream.type !== "data" && !isEmpty(stream));
  wrong.push(...extra.map(({ index, name }) => `Stream ${index} (${name}) of the output is in no input`));
  return { wrong, lost };
}

/** Whether times of a video are only counted, by frames as they are coded. */
function isCounting({ format }: FileFacts): boolean {
  return format === "avi";
}

/** Containers may leave out a stream that holds nothing. */
function isEmpty({ packets }: StreamFacts): boolean {
  return packets === 0;
}

function compareFrames(
  written: StreamFacts | undefined,
  { video }: MeantFile,
  shift: number | undefined,
): string[] {
  if (written === undefined) return ["The restored video is missing"];
  const found: string[] = [];
  if (written.codec !== video.codec) found.push(`its codec is ${written.codec}, not ${video.codec}`);
  const { mergedEnd } = video;
  const isComplete = mergedEnd === undefined
    ? written.packets === video.frames
    : written.packets > 0 && written.packets <= video.frames;
  if (!isComplete) found.push(`it holds ${written.packets} frames, and ${video.frames} were written`);
  if (shift === undefined) return found;
  const times = { first: video.first + shift, last: (mergedEnd ?? video.last) + shift };
  const is = written.times && mergedEnd !== undefined
    ? { ...written.times, last: written.times.end }
    : written.times;
  return [...found, ...compareTimes(times, is, OTHER_KIND_SECONDS)];
}

function comparePackets(
  before: StreamFacts,
  after: StreamFacts,
  { offset, isPart }: MeantSource,
  isSameKind: boolean,
  shift: number,
): string[] {
  const found: string[] = [];
  if (before.codec !== after.codec) found.push(`its codec is ${after.codec}, not ${before.codec}`);
  if (isPart) return found;
  // MP4 fills the time between subtitles with empty ones.
  if (before.type === "subtitle" && after.packets > before.packets) return found;
  // Other containers may divide sound into other packets.
  if (isSameKind && before.packets !== after.packets && before.bytes !== after.bytes) {
    found.push(`it holds ${after.packets} packets of ${before.packets}`);
  }
  const { times } = before;
  if (times === undefined) return found;
  const meant = { first: times.first - offset + shift, last: times.last - offset + shift };
  const packet = times.end - times.last;
  const tolerance = isSameKind ? SAME_KIND_SECONDS : Math.max(OTHER_KIND_SECONDS, packet);
  return [...found, ...compareTimes(meant, after.times, tolerance)];
}

function compareTimes(
  meant: { readonly first: number; readonly last: number },
  times: StreamFacts["times"],
  tolerance: number,
): string[] {
  if (times === undefined) return []; // raw streams have none
  const found: string[] = [];
  for (const end of ["first", "last"] as const) {
    if (Math.abs(times[end] - meant[end]) <= tolerance) continue;
    const what = end === "first" ? "begins" : "ends";
    found.push(`it ${what} at ${times[end].toFixed(3)} s, not at ${meant[end].toFixed(3)} s`);
  }
  return found;
}

/** Language and disposition of a stream: who it is for. */
function comparePurpose(before: StreamFacts, after: StreamFacts): string[] {
  const [was, is] = [languageOf(before), languageOf(after)];
  const missing = before.disposition & ~after.disposition & ~AV_DISPOSITION_DEFAULT;
  return [
    ...(was === is ? [] : [`its language is ${is}, not ${was}`]),
    ...(missing === 0 ? [] : ["its disposition is not kept"]),
  ];
}

function languageOf({ tags }: StreamFacts): string {
  return tags.get("language") ?? "und";
}

function compareTags(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [name, value] of before) {
    if (WRITERS_TAGS.test(name) || after.get(name) === value) continue;
    const is = after.get(name);
    found.push(
      is === undefined ? `the tag ${name} is missing` : `the tag ${name} is "${is}", not "${value}"`,
    );
  }
  return found;
}
