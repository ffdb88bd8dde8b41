import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { MediaError } from "../errors.ts";

/** Name of the manifest in a folder of synthesised pairs. */
export const MANIFEST_NAME = "manifest.json";

const gamma = v.picklist(["2.2", "srgb", "none"]);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const recipe = v.object({
  frames: v.pipe(count, v.minValue(1)),
  averages: v.pipe(v.array(v.object({ folder: v.picklist(["blur", "blur_gamma"]), gamma })), v.readonly()),
  saturation: v.number(),
  noise: v.exactOptional(v.object({ read: v.number(), shot: v.number(), seed: v.string() })),
  jpeg: v.exactOptional(v.number()),
});

const pair = v.object({
  /** Sequence and file name without extension. */
  name: v.string(),
  /** Index in `sources`. */
  source: count,
  recipe,
  /** Footage: which decoded frames were averaged, counted from 0; the middle one is the sharp picture. */
  frames: v.exactOptional(v.pipe(v.array(count), v.readonly())),
  /** Photos: the virtual camera's seed, size in pixels, and the source of its objects. */
  camera: v.exactOptional(v.object({ seed: v.string(), width: count, height: count, objects: count })),
});

const manifest = v.object({
  kind: v.literal("mtdn synth"),
  version: v.literal(1),
  mode: v.picklist(["gopro", "realistic"]),
  seed: v.number(),
  sources: v.array(v.object({
    /** File name, without folder. */
    name: v.string(),
    sha256: v.string(),
    kind: v.picklist(["footage", "photo"]),
    /** Frames a second, of footage. */
    frameRate: v.exactOptional(v.number()),
    /** Footage: duplicate frames left out, and exposures given up at a scene cut. */
    duplicates: v.exactOptional(count),
    cuts: v.exactOptional(count),
  })),
  pairs: v.array(pair),
});

/** What is in a folder of synthesised pairs, and all that is needed, beside the sources, to make it again bit for bit. */
export type SynthManifest = v.InferOutput<typeof manifest>;

/** One pair of a {@linkcode SynthManifest}. */
export type SynthManifestPair = v.InferOutput<typeof pair>;

/** Reads the manifest of `folder`. @throws {MediaError} if there is none, or it is not one of this version. */
export async function readManifest(folder: string): Promise<SynthManifest> {
  const path = join(folder, MANIFEST_NAME);
  try {
    return v.parse(manifest, JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MediaError(path, `Cannot be read as a manifest of synthesised pairs: ${reason}`, {
      cause: error,
    });
  }
}
