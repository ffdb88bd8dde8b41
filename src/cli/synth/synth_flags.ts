import { UsageError } from "../../errors.ts";
import { settingText } from "../../train/setting.ts";
import {
  PHOTO_SETTINGS,
  SYNTH_DEFAULTS,
  SYNTH_SETTINGS,
  type SynthOptions,
} from "../../train/synth/synth_options.ts";
import { invalidFlag, parseFlags, timeFlag } from "../flags.ts";
import { givenSettings, settingFlags, settingsHelp } from "../setting_flags.ts";

const INDENT = 26;

/** What `deno task synth --help` prints. */
export const SYNTH_HELP = `Make blurry/sharp training pairs from high-frame-rate footage, or from photos

  deno task synth FOOTAGE... -o DIR [options]
  deno task synth --photos DIR -o DIR [--pairs N] [options]
  deno task synth --photos DIR --video FILE [--seconds T] [--seed N] [--overwrite]
  deno task synth --manifest FILE [--pair NAME] FOOTAGE... -o DIR
  deno task synth --manifest FILE [--pair NAME] --photos DIR -o DIR

FOOTAGE is video of 100 frames per second or more (GoPro's dataset: 240). Frames are averaged into
SEQUENCE/{blur,blur_gamma,sharp}/NNNNNN.png; the sharp picture is the middle frame. manifest.json records how each pair was
made, so that it can be made again, bit for bit.

  -o, --output DIR        Folder to write; it must not exist
${settingsHelp(SYNTH_SETTINGS, INDENT, defaultOf)}
  --force                 Average slower footage too, which gives ghosts instead of blur
  --overwrite             Replace a folder that was synthesised before

  --photos DIR            Sharp photos for a virtual 240 fps camera, with objects that move in front of them
${settingsHelp(PHOTO_SETTINGS, INDENT, () => "default 100")}
  --size 1280x720         Largest size of those pairs, from 64x64 (default 1280x720)
  --video FILE            Write the virtual camera's footage as a 240 fps video instead
  --seconds T             Length of that video (default 2)

  --manifest FILE         Make the pairs of this manifest.json again, bit for bit, from the same files, recognised by name and
                          SHA-256; all other settings come from the manifest
  --pair NAME             Only this one of them, such as street_09_00/000001

  --json                  Print the number of pairs and their folder as JSON
  --quiet                 Print errors only
`;

function defaultOf(name: string): string | undefined {
  const value = { ...SYNTH_DEFAULTS }[name as keyof typeof SYNTH_DEFAULTS];
  return value === undefined ? undefined : `default ${settingText(value)}`;
}

const FLAGS = {
  ...settingFlags(SYNTH_SETTINGS),
  ...settingFlags(PHOTO_SETTINGS),
  output: { type: "string", short: "o" },
  force: { type: "boolean" },
  overwrite: { type: "boolean" },
  photos: { type: "string" },
  size: { type: "string" },
  video: { type: "string" },
  seconds: { type: "string" },
  manifest: { type: "string" },
  pair: { type: "string" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const NAMES = Object.keys(SYNTH_SETTINGS) as (keyof typeof SYNTH_SETTINGS)[];

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
  else {
    refuse([...NAMES, "force", "pairs", "size", "video", "seconds"], "with --manifest, which records it");
  }
  if (flags.photos === undefined) refuse(["pairs", "size"], "without --photos");
  else refuse(["gap", "force"], "with --photos");
  if (flags.video === undefined) refuse(["seconds"], "without --video");
  else refuse(["pairs", ...NAMES.filter((name) => name !== "seed")], "with --video");
}

/** Options of both kinds of synthesis; the library's defaults where there is no flag. */
export function synthOptions(flags: SynthFlags): SynthOptions {
  const { force = false, overwrite = false } = flags;
  return { ...givenSettings(SYNTH_SETTINGS, flags), force, overwrite };
}

/** Options of pairs made of photos. */
export function photoOptions(flags: SynthFlags) {
  return { ...givenSettings(PHOTO_SETTINGS, flags), ...sizeOption(flags) };
}

/** Options of a virtual video. */
export function videoOptions(flags: SynthFlags) {
  const { seed } = givenSettings(SYNTH_SETTINGS, flags);
  const seconds = timeFlag("--seconds", flags.seconds);
  return {
    ...(seconds !== undefined && { seconds }),
    ...(seed !== undefined && { seed }),
    ...sizeOption(flags),
    overwrite: flags.overwrite ?? false,
  };
}

function sizeOption({ size: text }: SynthFlags): { width?: number; height?: number } {
  if (text === undefined) return {};
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (match === null) throw invalidFlag("--size", text, "a size like 1280x720");
  return { width: Number(match[1]), height: Number(match[2]) };
}
