import * as v from "valibot";
import { DEVICE_CHOICES, VIDEO_CODECS } from "../../../mod.ts";
import type { Region } from "../../crop_picture.ts";

/** Largest gain of what the network changes. */
export const DETAIL_LIMIT = 4;

/** A name without a path: of a preset, a source or a job. */
export const plainName = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[\w.-]+$/));
/** Seconds from the start of a source. */
export const seconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e7));
/** Gain of what the network changes. */
export const detailGain = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(DETAIL_LIMIT));

const pixels = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535));

/** Part of a picture, in pixels of the picture as displayed (after rotation). */
export const region: v.GenericSchema<Region> = v.strictObject({
  x: pixels,
  y: pixels,
  width: v.pipe(pixels, v.minValue(1)),
  height: v.pipe(pixels, v.minValue(1)),
});

/** From `start` to before `end`, in seconds from the start of a source. */
export const timeRange = v.pipe(
  v.strictObject({ start: seconds, end: seconds }),
  v.check(({ start, end }) => end > start, "The end must be after the start"),
);

/** Part of a source, in seconds from its start. */
export type TimeRange = v.InferOutput<typeof timeRange>;

/** How a job restores and what it writes; the same as the flags of `deno task deblur`. */
export const jobSettings = v.strictObject({
  preset: plainName,
  device: v.picklist([...DEVICE_CHOICES.keys()]),
  detail: detailGain,
  /** Restore motionless parts too. */
  everywhere: v.boolean(),
  /** `null`: the codec of the input. */
  codec: v.nullable(v.picklist(VIDEO_CODECS)),
  /** Quality; `null`: the default. */
  crf: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(63))),
  /** The part to restore; `null`: all of it. */
  range: v.nullable(timeRange),
  /** The part of the picture to restore and write; `null`: all of it. */
  crop: v.nullable(region),
});

/** How a job restores and what it writes. */
export type JobSettings = v.InferOutput<typeof jobSettings>;

const jobReport = v.strictObject({
  frames: v.number(),
  /** Share of the pictures that was motionless and kept as it was. */
  stillShare: v.number(),
  seconds: v.number(),
  notes: v.array(v.string()),
  /** What is missing of the input. */
  damage: v.nullable(v.string()),
});

/** What a finished job did. */
export type JobSummary = v.InferOutput<typeof jobReport>;

/** A job as it is stored. */
export const jobRecord = v.strictObject({
  id: plainName,
  /** Id of the source, an upload or a file of the served folder. */
  source: plainName,
  /** Name of the source, for people. */
  name: v.string(),
  settings: jobSettings,
  state: v.picklist(["waiting", "running", "done", "failed", "cancelled"]),
  /** File name of the result; while it is not there, the one that is reserved for it. */
  output: v.pipe(v.string(), v.regex(/^[^/\\]+$/)),
  report: v.nullable(jobReport),
  /** Why it failed. */
  message: v.nullable(v.string()),
});

/** A job as it is stored. */
export type JobRecord = v.InferOutput<typeof jobRecord>;

/** An uploaded file as it is stored. */
export const uploadRecord = v.strictObject({
  id: plainName,
  /** File name, for people and in the folder of uploads, below `id`. */
  name: v.pipe(v.string(), v.regex(/^[^/\\]+$/)),
  bytes: v.number(),
});

/** An uploaded file as it is stored. */
export type UploadRecord = v.InferOutput<typeof uploadRecord>;
