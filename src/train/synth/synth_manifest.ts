import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { MediaError, messageOf } from "../../errors.ts";
import type { ExposureRecipe } from "./exposure.ts";

/** Name of the manifest in a folder of synthesised pairs. */
export const MANIFEST_NAME = "manifest.json";

/** What is in a folder of synthesised pairs, and all that is needed, beside the sources, to make it again bit for bit. */
export interface SynthManifest {
  /** Tells it from other files of its name. */
  readonly kind: "mtdn synth";
  /** Of the recipe: another version may make other bits. */
  readonly version: 1;
  /** Recipe the pairs were made by. */
  readonly mode: "gopro" | "realistic";
  /** Seed of the run. */
  readonly seed: number;
  /** What pairs were made from. */
  readonly sources: SynthSource[];
  /** In the order they were made. */
  readonly pairs: SynthManifestPair[];
}

/** A file that pairs were made from. */
export interface SynthSource {
  /** File name, without folder. */
  readonly name: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
  /** A video, or a picture that the virtual camera looked at. */
  readonly kind: "footage" | "photo";
  /** Frames a second, of footage. */
  readonly frameRate?: number;
  /** Duplicate frames left out of footage. */
  readonly duplicates?: number;
  /** Exposures of footage given up because the scene changed. */
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
  /** Photos: the virtual camera's seed, its picture's size in pixels, and the source that moving things were cut out of. */
  readonly camera?: {
    readonly seed: string;
    readonly width: number;
    readonly height: number;
    readonly objects: number;
  };
}

const gamma = v.picklist(["2.2", "srgb", "none"]);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const recipe: v.GenericSchema<unknown, ExposureRecipe> = v.object({
  frames: v.pipe(count, v.minValue(1)),
  averages: v.array(v.object({ folder: v.picklist(["blur", "blur_gamma"]), gamma })),
  saturation: v.number(),
  noise: v.exactOptional(v.object({ read: v.number(), shot: v.number(), seed: v.string() })),
  jpeg: v.exactOptional(v.number()),
  h264: v.exactOptional(v.number()),
});

const manifest: v.GenericSchema<unknown, SynthManifest> = v.object({
  kind: v.literal("mtdn synth"),
  version: v.literal(1),
  mode: v.picklist(["gopro", "realistic"]),
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
    // It becomes a path below the folder that is written.
    name: v.pipe(v.string(), v.regex(/^[^/\\.][^/\\]*\/\d+$/u, "wanted a name like SEQUENCE/000001")),
    source: count,
    recipe,
    frames: v.exactOptional(v.array(count)),
    camera: v.exactOptional(v.object({ seed: v.string(), width: count, height: count, objects: count })),
  })),
});

/** Reads the manifest of `folder`. @throws {MediaError} if there is none, or it is not one of this version. */
export async function readManifest(folder: string): Promise<SynthManifest> {
  return await readManifestFile(join(folder, MANIFEST_NAME));
}

/** Reads a manifest by its path. @throws {MediaError} if there is none, or it is not one of this version. */
export async function readManifestFile(path: string): Promise<SynthManifest> {
  try {
    return v.parse(manifest, JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const reason = messageOf(error);
    throw new MediaError(path, `Cannot be read as a manifest of synthesised pairs: ${reason}`, {
      cause: error,
    });
  }
}
