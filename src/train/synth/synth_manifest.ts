import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { MediaError, messageOf } from "../../errors.ts";
import { GAMMAS } from "../camera/light.ts";
import { BLUR_KINDS } from "../data/pair_files.ts";
import type { ExposureRecipe } from "./exposure.ts";
import { SYNTH_DEFAULTS, SYNTH_MODES, type SynthMode, type SynthSettings } from "./synth_options.ts";

/** Name of the manifest in a folder of synthesised pairs. */
export const MANIFEST_NAME = "manifest.json";

/** How a folder of synthesised pairs was made: with the sources, all that is needed to make it again bit for bit. */
export interface SynthManifest {
  /** Distinguishes it from other files of its name. */
  readonly kind: "mtdn synth";
  /** Version of the recipes: another one may give other pictures. */
  readonly version: 1;
  /** The recipe. */
  readonly mode: SynthMode;
  /** Seed of the run. */
  readonly seed: number;
  /** The files that pairs were made from. */
  readonly sources: SynthSource[];
  /** In the order they were made. */
  readonly pairs: SynthManifestPair[];
}

/** A file that pairs were made from. */
export interface SynthSource {
  /** File name, without folder. */
  readonly name: string;
  /** Hash of the file, in hexadecimal. */
  readonly sha256: string;
  /** A video, or a photo for the virtual camera. */
  readonly kind: "footage" | "photo";
  /** Footage: frames per second. */
  readonly frameRate?: number;
  /** Footage: number of duplicate frames that were dropped. */
  readonly duplicates?: number;
  /** Footage: number of exposures that were dropped because of a scene cut. */
  readonly cuts?: number;
}

/** How one pair was made. */
export interface SynthManifestPair {
  /** Sequence and file name without extension: `street_09_00/000001`. */
  readonly name: string;
  /** Index in {@linkcode SynthManifest.sources}. */
  readonly source: number;
  /** How frames became the pair. */
  readonly recipe: ExposureRecipe;
  /** Footage: which decoded frames were averaged, counted from 0; the middle one is the sharp picture. */
  readonly frames?: readonly number[];
  /** Photos: the virtual camera's seed, the size in pixels, and the source that moving objects were cut out of. */
  readonly camera?: {
    readonly seed: string;
    readonly width: number;
    readonly height: number;
    readonly objects: number;
  };
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const recipe: v.GenericSchema<unknown, ExposureRecipe> = v.object({
  frames: v.pipe(count, v.minValue(1)),
  averages: v.array(v.object({ folder: v.picklist(BLUR_KINDS), gamma: v.picklist(GAMMAS) })),
  saturation: v.number(),
  noise: v.exactOptional(v.object({ read: v.number(), shot: v.number(), seed: v.string() })),
  jpeg: v.exactOptional(v.number()),
  h264: v.exactOptional(v.number()),
});

const manifest: v.GenericSchema<unknown, SynthManifest> = v.object({
  kind: v.literal("mtdn synth"),
  version: v.literal(1),
  mode: v.picklist(SYNTH_MODES),
  seed: v.number(),
  sources: v.array(v.object({
    name: v.string(),
    sha256: v.string(),
    kind: v.picklist(["footage", "photo"]),
    frameRate: v.exactOptional(v.number()),
    duplicates: v.exactOptional(count),
    cuts: v.exactOptional(count),
  })),
  pairs: v.array(v.object({
    // The name becomes a path below the output folder.
    name: v.pipe(v.string(), v.regex(/^[^/\\.][^/\\]*\/\d+$/u, "Invalid name: expected SEQUENCE/000001")),
    source: count,
    recipe,
    frames: v.exactOptional(v.array(count)),
    camera: v.exactOptional(v.object({ seed: v.string(), width: count, height: count, objects: count })),
  })),
});

/** A manifest without sources and pairs. */
export function emptyManifest({ mode, seed }: Partial<SynthSettings>): SynthManifest {
  return {
    kind: "mtdn synth",
    version: 1,
    mode: mode ?? SYNTH_DEFAULTS.mode,
    seed: seed ?? SYNTH_DEFAULTS.seed,
    sources: [],
    pairs: [],
  };
}

/** Name of the pair with a number (from 1) in a sequence. */
export function pairName(sequence: string, number: number): string {
  return `${sequence}/${String(number).padStart(6, "0")}`;
}

/** Reads the manifest of `folder`. @throws {MediaError} if there is none, or it is not valid in this version. */
export async function readManifest(folder: string): Promise<SynthManifest> {
  return await readManifestFile(join(folder, MANIFEST_NAME));
}

/** Reads a manifest by its path. @throws {MediaError} if there is none, or it is not valid in this version. */
export async function readManifestFile(path: string): Promise<SynthManifest> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw unreadable(path, cause);
  });
  return parseManifest(text, path);
}

/** Parses the text of a manifest. @param path what errors name @throws {MediaError} if it is not valid in this version. */
export function parseManifest(text: string, path: string): SynthManifest {
  try {
    return v.parse(manifest, JSON.parse(text));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): MediaError {
  return new MediaError(path, `Cannot read this as a manifest of synthesised pairs: ${messageOf(cause)}`, {
    cause,
  });
}
