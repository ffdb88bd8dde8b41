import { UsageError } from "../../errors.ts";
import type { SynthOptions } from "../../train/synth/synth_options.ts";
import { choiceFlag, countFlag, invalidFlag, numberFlag, parseFlags, timeFlag } from "../flags.ts";

/** What `deno task synth --help` prints. */
export const SYNTH_HELP = `Make blurry/sharp training pairs from high-frame-rate footage, or from photos

  deno task synth FOOTAGE... -o DIR [options]
  deno task synth --photos DIR -o DIR [--pairs N] [options]
  deno task synth --photos DIR --video FILE [--seconds T] [--seed N] [--overwrite]
  deno task synth --manifest FILE [--pair NAME] FOOTAGE... -o DIR
  deno task synth --manifest FILE [--pair NAME] --photos DIR -o DIR

FOOTAGE is video of 100 frames a second or more (GoPro's dataset: 240). Frames are averaged into
SEQUENCE/{blur,blur_gamma,sharp}/NNNNNN.png; the sharp picture is the middle frame. manifest.json records how each pair was
made, so that it can be made again, bit for bit.

  -o, --output DIR        Folder to write; it must not exist
  --mode gopro            The published recipe of the GoPro dataset: 7, 9, 11 or 13 frames (the same number for a whole file),
                          "blur" the plain mean, "blur_gamma" the mean of x^2.2 (default)
  --mode realistic        A camera model: linear light, frames lost to readout, saturation, sensor noise; duplicate frames are
                          dropped, and no average crosses a scene cut; writes "blur" only
  --frames 7..13          Numbers of frames to average; odd numbers of this range are drawn
  --gap 0..5              Frames skipped after each exposure (realistic)
  --gamma 2.2|srgb|none   Curve between sample values and light (realistic; default 2.2)
  --jpeg QUALITY          Compress the blurry pictures as JPEG, 1 to 100 (realistic)
  --h264 CRF..CRF         Compress the blurry pictures of each video as one H.264 clip, with a constant rate factor of x264
                          drawn from this range, 0 to 51; pairs of photos one by one (realistic)
  --seed N                Seed of all random numbers (default 1)
  --force                 Average slower footage too, which gives ghosts instead of blur
  --overwrite             Replace a folder that was synthesised before

  --photos DIR            Sharp photos for a virtual 240 fps camera, with objects that move in front of them
  --pairs N               Number of pairs to make of them (default 100)
  --size 1280x720         Largest size of those pairs, from 64x64 (default 1280x720)
  --video FILE            Write the virtual camera's footage as a 240 fps video instead
  --seconds T             Length of that video (default 2)

  --manifest FILE         Make the pairs of this manifest.json again, bit for bit, from the same files, recognised by name and
                          SHA-256; all other settings come from the manifest
  --pair NAME             Only this one of them, such as street_09_00/000001

  --json                  Print the number of pairs and their folder as JSON
  --quiet                 Print errors only
`;

const FLAGS = {
  output: { type: "string", short: "o" },
  mode: { type: "string" },
  frames: { type: "string" },
  gap: { type: "string" },
  gamma: { type: "string" },
  jpeg: { type: "string" },
  h264: { type: "string" },
  seed: { type: "string" },
  force: { type: "boolean" },
  overwrite: { type: "boolean" },
  photos: { type: "string" },
  pairs: { type: "string" },
  size: { type: "string" },
  video: { type: "string" },
  seconds: { type: "string" },
  manifest: { type: "string" },
  pair: { type: "string" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Flags that a manifest replaces. */
const IN_MANIFEST = [
  "mode",
  "frames",
  "gap",
  "gamma",
  "jpeg",
  "h264",
  "seed",
  "force",
  "pairs",
  "size",
  "video",
  "seconds",
] as const;

/** The flags of `deno task synth`, as text. */
export type SynthFlags = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/**
 * Parses the command line of `deno task synth`; values that only one of its uses needs are parsed by the functions below.
 *
 * @throws {UsageError} naming the flag that is not valid, or does nothing for this use.
 */
export function parseSynthFlags(args: readonly string[]): { flags: SynthFlags; footage: readonly string[] } {
  const { values: flags, positionals: footage } = parseFlags(args, FLAGS);
  if (flags.help) return { flags, footage };
  if (flags.photos !== undefined && footage.length > 0) {
    throw new UsageError(`Both --photos and footage ("${footage[0]}") are given. Give one of them`);
  }
  if (flags.photos === undefined && footage.length === 0) {
    throw new UsageError("Nothing to make pairs of: give FOOTAGE... or --photos DIR");
  }
  refuseUseless(flags);
  if (flags.video !== undefined && flags.photos === undefined) {
    throw new UsageError("--video needs --photos DIR, for the virtual camera to look at");
  }
  if (flags.video !== undefined && flags.output !== undefined) {
    throw new UsageError("Both --video and -o are given. Give one of them");
  }
  if (flags.video === undefined && flags.output === undefined) {
    throw new UsageError("No output folder: add -o DIR");
  }
  return { flags, footage };
}

/** Flags that would do nothing are mistakes. */
function refuseUseless(flags: SynthFlags): void {
  const refuse = (names: readonly (keyof typeof FLAGS)[], when: string) => {
    const name = names.find((name) => flags[name] !== undefined);
    if (name !== undefined) throw new UsageError(`--${name} does nothing ${when}. Leave it out`);
  };
  if (flags.manifest === undefined) refuse(["pair"], "without --manifest");
  else refuse(IN_MANIFEST, "with --manifest, which records it");
  if (flags.photos === undefined) refuse(["pairs", "size"], "without --photos");
  else refuse(["gap", "force"], "with --photos");
  if (flags.video === undefined) refuse(["seconds"], "without --video");
  else refuse(["pairs", "mode", "frames", "gamma", "jpeg", "h264"], "with --video");
}

/** Options of both kinds of synthesis; the library's defaults where there is no flag. */
export function synthOptions(flags: SynthFlags): SynthOptions {
  const [frames, gap] = [rangeFlag("--frames", flags.frames), rangeFlag("--gap", flags.gap)];
  const h264 = rangeFlag("--h264", flags.h264);
  const gamma = choiceFlag("--gamma", flags.gamma, ["2.2", "srgb", "none"]);
  const jpeg = countFlag("--jpeg", flags.jpeg);
  const mode = choiceFlag("--mode", flags.mode, ["gopro", "realistic"]);
  return {
    ...(mode && { mode }),
    ...seedOption(flags),
    ...(frames && { frames }),
    ...(gap && { gap }),
    ...(gamma && { gamma }),
    ...(jpeg !== undefined && { jpeg }),
    ...(h264 && { h264 }),
    force: flags.force ?? false,
    overwrite: flags.overwrite ?? false,
  };
}

/** Options of pairs made of photos. */
export function photoOptions(flags: SynthFlags) {
  const pairs = countFlag("--pairs", flags.pairs);
  return { ...(pairs !== undefined && { pairs }), ...sizeOption(flags) };
}

/** Options of a virtual video. */
export function videoOptions(flags: SynthFlags) {
  const seconds = timeFlag("--seconds", flags.seconds);
  return {
    ...(seconds !== undefined && { seconds }),
    ...seedOption(flags),
    ...sizeOption(flags),
    overwrite: flags.overwrite ?? false,
  };
}

function seedOption({ seed: text }: SynthFlags): { seed?: number } {
  const seed = numberFlag("--seed", text, "a whole number", Number.isSafeInteger);
  return seed === undefined ? {} : { seed };
}

function sizeOption({ size: text }: SynthFlags): { width?: number; height?: number } {
  if (text === undefined) return {};
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (match === null) throw invalidFlag("--size", text, "a size like 1280x720");
  return { width: Number(match[1]), height: Number(match[2]) };
}

function rangeFlag(flag: string, text: string | undefined): { least: number; most: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  if (match === null) throw invalidFlag(flag, text, "a number or a range like 7..13");
  return { least: Number(match[1]), most: Number(match[2] ?? match[1]) };
}
