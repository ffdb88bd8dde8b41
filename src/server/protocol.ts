/**
 * The messages between the preview's server and its page: the server parses with the schemas, the page's modules take
 * their types from here, `docs/preview-protocol.md` explains them. The layout of binary frames is in
 * `static/frame_message.js`, which both sides run.
 *
 * @module
 */
import * as v from "valibot";
import type { DeviceChoice } from "../../mod.ts";
import type { Region } from "../crop_picture.ts";
import {
  detailGain,
  jobSettings,
  plainName as name,
  region,
  seconds,
  type TimeRange,
  timeRange,
} from "./jobs/job.ts";

/** Raised with every incompatible change. */
export const PROTOCOL_VERSION = 3;
/** Largest message a client may send, in bytes. */
export const MESSAGE_LIMIT = 4096;
/** Most frames a client may have requested and not yet received. */
export const CREDIT_LIMIT = 4;

const clientMessage = v.variant("type", [
  v.strictObject({ type: v.literal("open"), source: name, seconds: v.optional(seconds) }),
  v.strictObject({
    type: v.literal("credit"),
    frames: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(CREDIT_LIMIT)),
    painted: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff))),
  }),
  v.strictObject({ type: v.literal("play") }),
  v.strictObject({ type: v.literal("pause") }),
  v.strictObject({ type: v.literal("seek"), seconds }),
  v.strictObject({ type: v.literal("step"), frames: v.picklist([-1, 1]) }),
  v.strictObject({
    type: v.literal("settings"),
    preset: v.optional(name),
    device: v.optional(name),
    detail: v.optional(detailGain),
    branches: v.optional(v.boolean()),
    everywhere: v.optional(v.boolean()),
    region: v.optional(v.nullable(region)),
    range: v.optional(v.nullable(timeRange)),
    crop: v.optional(v.nullable(region)),
  }),
  v.strictObject({
    type: v.literal("loop"),
    isOn: v.boolean(),
    id: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff))),
  }),
  v.strictObject({ type: v.literal("save") }),
  v.strictObject({ type: v.literal("start"), source: name, settings: jobSettings }),
  v.strictObject({ type: v.picklist(["cancel", "restart", "remove", "download"]), job: name }),
  v.strictObject({ type: v.literal("move"), job: name, before: v.nullable(name) }),
  v.strictObject({ type: v.literal("forget"), source: name }),
  v.strictObject({ type: v.literal("ping") }),
]);

/** A message of the page. */
export type ClientMessage = v.InferOutput<typeof clientMessage>;

/** How frames are restored for a viewer. */
export interface Settings {
  readonly preset: string;
  readonly device: DeviceChoice;
  /** Gain of what the network changes. */
  readonly detail: number;
  /** Send the two branch pictures too. */
  readonly branches: boolean;
  /** Restore motionless parts too. */
  readonly everywhere: boolean;
  /** The part of the source that is restored, as a job would; `null` for all of it. */
  readonly range: TimeRange | null;
  /** The part of the picture that a job would write, in pixels as displayed; `null` for all of it. */
  readonly crop: Region | null;
  /** The part of the picture in view, in pixels as displayed (after rotation); `null` for all of it. */
  readonly region: Region | null;
}

/** Settings of a viewer who has not changed any. */
export function initialSettings(given: Pick<Settings, "preset" | "device" | "detail">): Settings {
  return { ...given, branches: false, everywhere: false, range: null, crop: null, region: null };
}

/** One line of the list of devices. */
export interface DeviceEntry {
  readonly name: DeviceChoice;
  /** What it is, for the user. */
  readonly about: string;
}

/** One line of the list of sources. */
export interface SourceEntry {
  /** Identifies the source in `open`; reveals nothing of its path. */
  readonly id: string;
  /** File name, relative to the folder served. */
  readonly name: string;
}

/** An open source. */
export interface SourceDescription extends SourceEntry {
  readonly kind: "video" | "picture" | "sequence" | "live" | "job";
  /** Pixels, after rotation. */
  readonly width: number;
  /** Pixels, after rotation. */
  readonly height: number;
  readonly frameRate: number | null;
  readonly frames: number | null;
  readonly seconds: number | null;
  /** Width of a displayed pixel to its height: 1 unless the video is anamorphic. */
  readonly pixelAspect: number;
  readonly canSeek: boolean;
  /** Whether preset, device and detail can be changed: not in a running job. */
  readonly canTune: boolean;
}

/** How a source ended that did not simply reach its end. */
export type Outcome = "done" | "failed" | "cancelled" | "damaged";

/** What a job is doing. */
export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";

/** One line of the list of jobs. */
export interface JobEntry {
  /** Identifies the job in requests, and in `open` while it runs and once it is done. */
  readonly id: string;
  /** Name of what is restored. */
  readonly name: string;
  readonly state: JobState;
  /** Frames restored so far. */
  readonly done: number;
  readonly total: number | null;
  readonly framesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** For the user: why it failed, or what to know of its result. */
  readonly message: string | null;
  /** Where the result is; `null` while there is none, or where it is only to be downloaded. */
  readonly savedAs: string | null;
  readonly canDownload: boolean;
  /** Whether it can be opened as a source. */
  readonly canShow: boolean;
}

/** What the page can do beside looking. */
export interface WorkbenchDescription {
  /** Largest file that can be sent, in bytes. */
  readonly uploadLimit: number;
  /** Codecs a result can be written in. */
  readonly codecs: readonly string[];
}

/** A text message of the server. */
export type ServerMessage =
  | {
    readonly type: "hello";
    readonly version: number;
    readonly mode: "files" | "live" | "job";
    readonly sources: readonly SourceEntry[];
    /** For the user: what of the folder is not listed, and why; empty if nothing. */
    readonly passedOver: string;
    readonly presets: readonly string[];
    readonly devices: readonly DeviceEntry[];
    readonly settings: Settings;
    /** `null` where jobs cannot be started and files cannot be sent. */
    readonly workbench: WorkbenchDescription | null;
  }
  | {
    readonly type: "sources";
    readonly sources: readonly SourceEntry[];
    /** For the user: what of the folder is not listed, and why; empty if nothing. */
    readonly passedOver: string;
  }
  /** All jobs in their order: after `hello` if there are any, and after every change. */
  | { readonly type: "jobs"; readonly jobs: readonly JobEntry[] }
  /** Where a result can be fetched from once, for a minute. */
  | { readonly type: "ticket"; readonly job: string; readonly url: string }
  /** A job was added at this viewer's request. */
  | { readonly type: "started"; readonly job: string }
  /** A frame is being restored since a while; such a share of it is done, from 0 to 1, or `null` where that is not known. */
  | { readonly type: "work"; readonly share: number | null }
  | { readonly type: "source"; readonly source: SourceDescription }
  | {
    readonly type: "state";
    readonly state: "loading" | "playing" | "paused" | "ended" | "rendering" | "rendered" | "error";
    /** For the user: what is being loaded, what went wrong, how it ended. */
    readonly message?: string;
    /** How a job or a damaged source ended. */
    readonly outcome?: Outcome;
    /** `id` of the `loop` whose frames are being given, or have all been given. */
    readonly loop?: number;
  }
  | { readonly type: "settings"; readonly settings: Settings }
  | {
    readonly type: "stats";
    /** Frames restored per second, over the last seconds. */
    readonly framesPerSecond: number;
    /** Frames that were due and not restored, since the source was opened. */
    readonly skipped: number;
    /** Milliseconds from decoding a frame to the page's report that it is painted; `null` before the first. */
    readonly latencyMs: number | null;
    /** Seconds until the job is done; `null` without a job, or while it cannot be estimated. */
    readonly secondsLeft: number | null;
  }
  | {
    readonly type: "error";
    readonly code: "message" | "refused" | "engine";
    /** For the user. */
    readonly message: string;
  }
  | { readonly type: "pong" };

/** A request that the server refuses; the viewer gets an `error` with the code `refused`. */
export class RequestError extends Error {
  /** "RequestError". */
  override readonly name = "RequestError";
}

/**
 * Parses a client's message.
 *
 * @throws {TypeError} naming the first field that is not valid.
 */
export function parseClientMessage(text: string): ClientMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TypeError("Malformed message: it is not JSON", { cause });
  }
  const result = v.safeParse(clientMessage, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new TypeError(
    `Malformed message: ${v.getDotPath(issue) ?? "message"}: ${issue.message}`.slice(0, 300),
  );
}
