import * as v from "valibot";
import type { Precision } from "../model/engine/engine.ts";

/** Text that other programs have written, without control characters, which could move a terminal's cursor. */
export const LINE = v.pipe(
  v.string(),
  v.maxLength(2000),
  v.transform((text) => text.replaceAll(/\p{Cc}/gu, "?")),
);

/** Schema of what a job, or a segment of it, is computed with. */
export const PRECISION = v.picklist(["float32", "float16", "int8"] satisfies Precision[]);

/** Schema of {@linkcode SegmentRecord}. */
export const RECORD = v.strictObject({
  /** SHA-256 of the job's manifest. */
  job: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Number of the segment. */
  index: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** SHA-256 of the segment's file. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  frames: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  width: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  height: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Share of what its frames show that stood still and is as it was. */
  stillShare: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** What it was computed with. */
  precision: PRECISION,
  notes: v.pipe(v.array(LINE), v.maxLength(100)),
});

/** What is known of a segment that is done. */
export type SegmentRecord = Readonly<v.InferOutput<typeof RECORD>>;

/** @returns `undefined` if it is none. */
export function parseRecord(text: string): SegmentRecord | undefined {
  try {
    return v.parse(RECORD, JSON.parse(text));
  } catch {
    return undefined; // it was not written whole: the segment is done again
  }
}
