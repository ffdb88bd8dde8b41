/**
 * What the preview's server and page say to each other. This file is the one statement of it: the server parses
 * with the schemas, the page's modules take their types from here, `docs/preview-protocol.md` explains it.
 * The layout of binary frames is in `static/frame_message.js`, which both sides run.
 *
 * @module
 */
import * as v from "valibot";

/** Raised with every change that an older page would misread. */
export const PROTOCOL_VERSION = 1;
/** Bytes of the longest message a client may send. */
export const MESSAGE_LIMIT = 4096;
/** Frames a client may have asked for and not yet received. */
export const CREDIT_LIMIT = 4;
/** Largest gain of the *down* branch. */
export const DETAIL_LIMIT = 4;

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e7));
const pixels = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[\w.-]+$/));

const region = v.strictObject({ x: pixels, y: pixels, width: pixels, height: pixels });

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
    detail: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(DETAIL_LIMIT))),
    branches: v.optional(v.boolean()),
    region: v.optional(v.nullable(region)),
  }),
  v.strictObject({ type: v.literal("save") }),
  v.strictObject({ type: v.literal("ping") }),
]);

/** Part of a picture, in pixels of the picture as displayed (after rotation). */
export type Region = v.InferOutput<typeof region>;

/** What a page may send. */
export type ClientMessage = v.InferOutput<typeof clientMessage>;

/** What a viewer looks at and with what. */
export interface Settings {
  readonly preset: string;
  readonly device: string;
  /** Gain of the *down* branch. */
  readonly detail: number;
  /** Send the two branch pictures too. */
  readonly branches: boolean;
  /** The part of the picture in view; `null` for all of it. */
  readonly region: Region | null;
}

/** One line of the list of sources. */
export interface SourceEntry {
  /** What `open` takes; says nothing about the path. */
  readonly id: string;
  /** File name, relative to the folder served. */
  readonly name: string;
}

/** An opened source, as displayed. */
export interface SourceDescription extends SourceEntry {
  readonly kind: "video" | "picture" | "sequence" | "live" | "job";
  /** Pixels, after rotation. */
  readonly width: number;
  /** Pixels, after rotation. */
  readonly height: number;
  readonly frameRate: number | null;
  readonly frames: number | null;
  readonly seconds: number | null;
  readonly canSeek: boolean;
  /** Whether preset, device and detail can be changed; not in a running job. */
  readonly canTune: boolean;
}

/** What the server may say as text. */
export type ServerMessage =
  | {
    readonly type: "hello";
    readonly version: number;
    readonly mode: "files" | "live" | "job";
    readonly sources: readonly SourceEntry[];
    readonly presets: readonly string[];
    readonly devices: readonly string[];
    readonly settings: Settings;
  }
  | { readonly type: "source"; readonly source: SourceDescription }
  | {
    readonly type: "state";
    readonly state: "loading" | "playing" | "paused" | "ended" | "error";
    /** For a person: what is being loaded, what went wrong. */
    readonly message?: string;
  }
  | { readonly type: "settings"; readonly settings: Settings }
  | {
    readonly type: "stats";
    /** Restored frames a second, over the last seconds. */
    readonly framesPerSecond: number;
    /** Frames that were due and not restored, since the source was opened. */
    readonly skipped: number;
    /** Milliseconds from a frame decoded to the page's word that it is painted; `null` before the first. */
    readonly latencyMs: number | null;
    /** Seconds until a job is done; `null` where there is none or it cannot be told. */
    readonly secondsLeft: number | null;
  }
  | {
    readonly type: "error";
    readonly code: "message" | "refused" | "engine";
    /** For a person. */
    readonly message: string;
  }
  | { readonly type: "pong" };

/**
 * Reads a client's message.
 *
 * @throws {TypeError} naming the first thing wrong with it.
 */
export function parseClientMessage(text: string): ClientMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TypeError("Cannot read message: not JSON", { cause });
  }
  const result = v.safeParse(clientMessage, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new TypeError(
    `Cannot use message: ${v.getDotPath(issue) ?? "message"}: ${issue.message}`.slice(0, 300),
  );
}
