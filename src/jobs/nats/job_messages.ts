import * as v from "valibot";
import { LINE, RECORD } from "../segment_record.ts";
import { JOB_ID } from "./job_subjects.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A segment to restore. */
export const TASK = v.strictObject({ job: v.pipe(v.string(), v.regex(JOB_ID)), index: count });

/** What came of a segment: it is in the store, or it failed for good. */
export const RESULT = v.variant("kind", [
  v.strictObject({ kind: v.literal("done"), record: RECORD, bytes: count }),
  v.strictObject({ kind: v.literal("failed"), error: LINE, tries: count }),
]);

/** How far a job is. Times are milliseconds since 1970. */
export const JOB_STATE = v.strictObject({
  name: LINE,
  segments: count,
  done: count,
  /** Segments that were done before this run began. */
  before: count,
  startedAt: count,
  at: count,
});

/** What a worker does. */
export const WORKER_STATE = v.strictObject({
  host: LINE,
  device: LINE,
  /** The segment that it restores; absent while it waits for one. */
  task: v.optional(TASK),
  /** Share of the segment that is done. */
  share: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  at: count,
});

/** See {@linkcode RESULT}. */
export type SegmentResult = v.InferOutput<typeof RESULT>;
/** See {@linkcode JOB_STATE}. */
export type JobState = v.InferOutput<typeof JOB_STATE>;
/** See {@linkcode WORKER_STATE}. */
export type WorkerState = v.InferOutput<typeof WORKER_STATE>;
/** See {@linkcode TASK}. */
export type Task = v.InferOutput<typeof TASK>;

/** More bytes than any message of ours has: a larger one is not looked at. */
const MOST_BYTES = 65_536;

/** @returns `undefined` for what is no such message: anybody who may use the server can send one. */
export function parseMessage<T>(schema: v.GenericSchema<unknown, T>, data: Uint8Array): T | undefined {
  if (data.length > MOST_BYTES) return undefined;
  try {
    return v.parse(schema, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data)));
  } catch {
    return undefined;
  }
}

/** The bytes of a message. */
export function messageBytes(message: SegmentResult | JobState | WorkerState | Task): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}
