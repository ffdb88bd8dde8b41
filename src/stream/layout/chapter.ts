/** A chapter of a video. */
export interface Chapter {
  /** Nanoseconds from the beginning of the file's own time. */
  readonly start: bigint;
  /** Likewise; where a container does not say, the start of the next chapter. */
  readonly end?: bigint;
  readonly title: string;
  /** Of the title, by ISO 639-2: "ger". */
  readonly language?: string;
}

/** The chapters of a file, in their order. */
export interface ChapterList {
  readonly chapters: readonly Chapter[];
  /** All that a Matroska file says of them (editions, chapters inside others, further languages), as the element that does. */
  readonly matroska?: Uint8Array<ArrayBuffer>;
}

/** Which part of a file is taken, nanoseconds of its own time. */
export interface ChapterRange {
  /** What becomes 0. */
  readonly offset: bigint;
  /** Where the part begins and ends, if not with the file. */
  readonly from?: bigint;
  readonly until?: bigint;
}

/** The chapters of a part of a file, in the part's own time. One that only reaches into it begins with it. */
export function chaptersOfPart(list: ChapterList, { offset, from, until }: ChapterRange): ChapterList {
  if (offset === 0n && from === undefined && until === undefined) return list;
  const { chapters } = list;
  const kept = chapters.flatMap((chapter, i) => {
    const end = chapter.end ?? chapters[i + 1]?.start;
    const isBefore = from !== undefined && end !== undefined && end <= from;
    const isAfter = until !== undefined && chapter.start >= until;
    if (isBefore || isAfter) return [];
    const start = from !== undefined && chapter.start < from ? from : chapter.start;
    const last = until !== undefined && end !== undefined && end > until ? until : end;
    const moved = (time: bigint) => time > offset ? time - offset : 0n;
    return [{ ...chapter, start: moved(start), ...(last !== undefined && { end: moved(last) }) }];
  });
  return { chapters: kept };
}
