import { createHash } from "node:crypto";
import * as v from "valibot";
import { type Calibration, isCalibration } from "../model/weights/calibration.ts";
import { DEINTERLACINGS } from "../stream/source_options.ts";
import { VIDEO_CODECS } from "../stream/video_codecs.ts";
import type { Segment } from "./plan_segments.ts";
import { PRECISION } from "./segment_record.ts";

/** Counts up when segments come out otherwise than before, or are cut or stored in another way. */
const FORMAT = 5;

const whole = v.pipe(v.number(), v.safeInteger());
const count = v.pipe(whole, v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** How frames are restored and encoded: the same for all segments of a job. */
const SETTINGS = v.strictObject({
  /** Extension of the output, which says its format. */
  extension: v.pipe(v.string(), v.regex(/^\.[\w-]{1,12}$/)),
  start: v.optional(v.pipe(v.number(), v.minValue(0))),
  duration: v.optional(v.pipe(v.number(), v.gtValue(0))),
  deinterlace: v.optional(v.picklist(DEINTERLACINGS)),
  codec: v.optional(v.picklist(VIDEO_CODECS)),
  crf: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(63))),
  detail: v.pipe(v.number(), v.minValue(0), v.maxValue(4)),
  everywhere: v.boolean(),
  branches: v.boolean(),
  /** What the networks compute with, on every machine. */
  precision: PRECISION,
  /** The only part that is written, in pixels as displayed. */
  crop: v.optional(v.strictObject({ x: count, y: count, width: count, height: count })),
});

const SEGMENT: v.GenericSchema<unknown, Segment> = v.strictObject({
  from: whole,
  until: whole,
  readFrom: whole,
  readUntil: whole,
  frames: count,
});

const MANIFEST = v.strictObject({
  format: v.literal(FORMAT),
  input: v.strictObject({ size: count, changed: whole, ends: sha256 }),
  settings: SETTINGS,
  /** Of the network, and of the one for frames without neighbours. */
  weights: v.pipe(v.array(sha256), v.minLength(1), v.maxLength(2)),
  /** How each of these computes with int8; absent with another precision. */
  calibrations: v.optional(v.pipe(v.array(v.custom<Calibration>(isCalibration)), v.maxLength(2))),
  /** Of the packages that decode, restore and encode, by name. */
  versions: v.record(v.pipe(v.string(), v.maxLength(100)), v.pipe(v.string(), v.maxLength(100))),
  /** Decided once, by the memory that was free then: what is written depends on it. */
  memory: v.pipe(whole, v.minValue(1)),
  encoder: v.strictObject({
    threads: v.pipe(whole, v.minValue(1), v.maxValue(256)),
    lookahead: v.optional(count),
  }),
  segments: v.pipe(v.array(SEGMENT), v.minLength(1), v.maxLength(1_000_000)),
});

/** How a job restores and encodes. */
export type JobSettings = Readonly<v.InferOutput<typeof SETTINGS>>;

/** All that decides what a job writes. It never changes while the job lasts. */
export type JobManifest = Readonly<v.InferOutput<typeof MANIFEST>>;

/** What a job is to do: one that is continued does the same. */
export interface JobPlan extends Pick<JobManifest, "input" | "weights" | "versions"> {
  /** Without a precision a job that was begun keeps its own. */
  readonly settings: Omit<JobSettings, "precision"> & Partial<Pick<JobSettings, "precision">>;
  /** Of the weights that have one, in their order. */
  readonly calibrations?: readonly Calibration[] | undefined;
  /** Bytes that a process may take, if the user says so. */
  readonly memory?: number;
}

/** Makes the manifest of a new job. */
export function newManifest(parts: Omit<JobManifest, "format">): JobManifest {
  return { format: FORMAT, ...parts };
}

/** What identifies a job: SHA-256 of its manifest, hexadecimal. */
export function jobDigest(manifest: JobManifest): string {
  return createHash("sha256").update(JSON.stringify(v.parse(MANIFEST, manifest))).digest("hex");
}

/** The text of a manifest, with its digest, so that a change of it is noticed. */
export function serializeManifest(manifest: JobManifest): string {
  return `${JSON.stringify({ digest: jobDigest(manifest), manifest }, null, 1)}\n`;
}

/** @throws {Error} saying what is wrong with the text. */
export function parseManifest(text: string): JobManifest {
  const file: unknown = JSON.parse(text);
  const old = v.safeParse(v.object({ manifest: v.object({ format: v.number() }) }), file);
  if (old.success && old.output.manifest.format !== FORMAT) throw new Error("another version wrote it");
  const parsed = v.safeParse(v.strictObject({ digest: sha256, manifest: MANIFEST }), file);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Error(`${v.getDotPath(issue) ?? "it"} is not valid`);
  }
  const { digest, manifest } = parsed.output;
  if (jobDigest(manifest) !== digest) throw new Error("it was changed after it was written");
  return manifest;
}

/** What of a job another one would do in another way, in words; empty if nothing. */
export function findChanges(before: JobManifest, now: JobPlan): string[] {
  const changes: string[] = [];
  const [old, input] = [before.input, now.input];
  if (old.size !== input.size) changes.push(`the input had ${old.size} bytes, and has ${input.size}`);
  else if (old.ends !== input.ends) changes.push("the input has another content");
  else if (old.changed !== input.changed) changes.push("the input was changed in the meantime");
  if (before.weights.join() !== now.weights.join()) changes.push("it was restored with other weights");
  const { precision } = before.settings;
  if (precision === "int8" && JSON.stringify(before.calibrations) !== JSON.stringify(now.calibrations)) {
    changes.push("its weights had other calibrations");
  }
  changes.push(
    ...changedValues(before.settings, { precision, ...now.settings }),
    ...changedValues(before.versions, now.versions),
  );
  if (now.memory !== undefined && now.memory !== before.memory) {
    changes.push(`--memory was ${before.memory} bytes, and is ${now.memory}`);
  }
  return changes;
}

type Values = Readonly<Record<string, string | number | boolean | object | undefined>>;

function changedValues(before: Values, now: Values): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].flatMap((name) => {
    const [was, is] = [before[name], now[name]].map(valueText);
    return was === is ? [] : [`${name} was ${was}, and is ${is}`];
  });
}

function valueText(value: Values[string]): string {
  if (value === undefined) return "not given";
  return typeof value === "object" ? Object.values(value).join() : String(value);
}
