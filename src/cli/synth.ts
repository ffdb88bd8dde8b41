import { join } from "node:path";
import { UsageError } from "../errors.ts";
import type { SynthManifest } from "../train/synth/synth_manifest.ts";
import type { SynthOptions, SynthProgress } from "../train/synth/synth_options.ts";
import type { CommandIo } from "./command_io.ts";
import { asUsage, choiceFlag, countFlag, numberFlag, parseFlags, timeFlag } from "./flags.ts";
import { counted } from "./counted.ts";
import { openProgressBar } from "./progress_bar.ts";

/** What `deno task synth --help` prints. */
export const SYNTH_HELP = `Make blurry/sharp training pairs from high-frame-rate footage, or from photos

  deno task synth FOOTAGE... -o DIR [options]
  deno task synth --photos DIR -o DIR [--pairs N] [options]
  deno task synth --photos DIR --video FILE [--seconds T] [--seed N] [--overwrite]
  deno task synth --manifest FILE [--pair NAME] FOOTAGE... -o DIR
  deno task synth --manifest FILE [--pair NAME] --photos DIR -o DIR

FOOTAGE is video of 100 frames a second or more (GoPro's dataset: 240). Frames are averaged into SEQUENCE/{blur,blur_gamma,sharp}/NNNNNN.png;
the sharp picture is the middle frame. manifest.json says how each pair was made, so that any can be made again bit for bit.

  -o, --output DIR        Folder to write; it must not exist
  --mode gopro            The published recipe of the GoPro dataset: 7, 9, 11 or 13 frames (one number a file), "blur" the plain mean,
                          "blur_gamma" the mean of x^2.2 (default)
  --mode realistic        As a camera does it: linear light, frames lost to readout, saturation, sensor noise; duplicate
                          frames dropped, nothing averaged across a cut; writes "blur" only
  --frames 7..13          How many frames to average; odd numbers of the range are drawn
  --gap 0..5              Frames left out after each exposure (realistic)
  --gamma 2.2|srgb|none   Curve between bytes and light (realistic; default 2.2)
  --jpeg QUALITY          Pass blurry pictures through JPEG, 1 to 100 (realistic)
  --h264 CRF..CRF         Pass the blurry pictures of each video through H.264 as one clip, at a constant rate factor of x264
                          drawn from this range, 0 to 51; pairs of photos one by one (realistic)
  --seed N                Draws everything that is random (default 1)
  --force                 Average slower footage too; it will show ghosts
  --overwrite             Replace a folder that was synthesised before

  --photos DIR            Sharp photos for a virtual 240 fps camera, with things that move on their own
  --pairs N               Pairs to make of them (default 100)
  --size 1280x720         Largest size of those pairs, from 64x64 (default 1280x720)
  --video FILE            Write what the camera sees as a 240 fps video instead
  --seconds T             Its length (default 2)

  --manifest FILE         Make the pairs of this manifest.json again, bit for bit, from the same files, told by their names and
                          SHA-256; the manifest says all the rest
  --pair NAME             Only this one of them, such as street_09_00/000001

  --json                  Print the number of pairs and where they are as JSON
  --quiet                 No progress
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

const DECIDED_BY_MANIFEST = [
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

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/**
 * `deno task synth`: see {@linkcode SYNTH_HELP}.
 *
 * @returns The exit code.
 * @throws {UsageError} naming the flag that cannot be understood and what was wanted.
 * @throws {MediaError} naming footage, a photo or an output that cannot be used.
 */
export async function synthCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values: flags, positionals: footage } = parseFlags(args, FLAGS);
  if (flags.help) {
    io.stdout(SYNTH_HELP);
    return 0;
  }
  if (flags.photos !== undefined && footage.length > 0) {
    throw new UsageError(`Got both --photos and footage ("${footage[0]}"); wanted one of them`);
  }
  if (flags.photos === undefined && footage.length === 0) {
    throw new UsageError("Nothing to work on; wanted FOOTAGE... or --photos DIR");
  }
  refuseStrays(flags);
  if (flags.video !== undefined) return await writeVideo(flags, flags.photos, flags.video, io);
  const output = flags.output;
  if (output === undefined) throw new UsageError("No output folder; wanted -o DIR");
  if (flags.manifest !== undefined) return await rebuild(flags, flags.manifest, footage, output, io);
  const manifest = await synthesize(flags, footage, output, io);
  report(manifest, output, flags, io);
  return 0;
}

async function synthesize(
  flags: Flags,
  footage: readonly string[],
  output: string,
  io: CommandIo,
): Promise<SynthManifest> {
  using bar = openPairBar("Synthesising", flags, io);
  const options = { ...synthOptions(flags, io.signal), onPair: bar.onPair };
  const { synthesizeFootage, synthesizePhotos } = await import("../train/synth/synth.ts");
  return await asUsage(() =>
    flags.photos === undefined
      ? synthesizeFootage(footage, output, options)
      : synthesizePhotos(flags.photos, output, { ...options, ...photoOptions(flags) })
  );
}

async function rebuild(
  flags: Flags,
  manifestFile: string,
  footage: readonly string[],
  output: string,
  io: CommandIo,
): Promise<number> {
  const { rebuildFolder } = await import("../train/synth/rebuild_folder.ts");
  const { listPhotos } = await import("../train/synth/list_photos.ts");
  const { photos, pair, overwrite = false } = flags;
  const files = photos === undefined ? footage : (await listPhotos(photos)).map((name) => join(photos, name));
  const { pairs } = await (async () => {
    using bar = openPairBar("Rebuilding", flags, io);
    const names = pair === undefined ? {} : { names: [pair] };
    const options = { ...names, files, overwrite, signal: io.signal, onPair: bar.onPair };
    return await asUsage(() => rebuildFolder(manifestFile, output, options));
  })();
  if (flags.json) io.stdout(JSON.stringify({ output, pairs }) + "\n");
  else if (!flags.quiet) io.stderr(`Made ${counted(pairs, "pair")} again in ${output}\n`);
  return 0;
}

/** A progress bar for pairs; it leaves the line when disposed. */
function openPairBar(title: string, flags: Flags, io: CommandIo) {
  const bar = openProgressBar(flags.quiet ? { ...io, isTerminal: false } : io, title, "%");
  return {
    onPair: ({ pairs, share = 0 }: SynthProgress) =>
      bar.update(Math.floor(share * 100), 100, counted(pairs, "pair")),
    [Symbol.dispose]: () => bar[Symbol.dispose](),
  };
}

async function writeVideo(
  flags: Flags,
  photos: string | undefined,
  video: string,
  io: CommandIo,
): Promise<number> {
  if (photos === undefined) throw new UsageError("--video needs --photos DIR, for the camera to look at");
  if (flags.output !== undefined) throw new UsageError("Got both --video and -o; wanted one of them");
  const { writeVirtualVideo } = await import("../train/synth/virtual_video.ts");
  await asUsage(() =>
    writeVirtualVideo(photos, video, {
      seconds: timeFlag("--seconds", flags.seconds) ?? 2,
      seed: seedFlag(flags.seed) ?? 1,
      ...sizeFlag(flags.size),
      overwrite: flags.overwrite ?? false,
      signal: io.signal,
    })
  );
  if (flags.json) io.stdout(JSON.stringify({ output: video }) + "\n");
  else if (!flags.quiet) io.stderr(`Wrote ${video}\n`);
  return 0;
}

/** Flags that would do nothing are mistakes. */
function refuseStrays(flags: Flags): void {
  const stray = (names: readonly (keyof typeof FLAGS)[], wanted: string) => {
    const name = names.find((name) => flags[name] !== undefined);
    if (name !== undefined) throw new UsageError(`--${name} does nothing here; wanted ${wanted}`);
  };
  if (flags.manifest === undefined) stray(["pair"], "it with --manifest");
  else stray(DECIDED_BY_MANIFEST, "it without --manifest, which decides it");
  if (flags.photos === undefined) stray(["pairs", "size"], "it with --photos");
  else stray(["gap", "force"], "it with footage");
  if (flags.video === undefined) stray(["seconds"], "it with --video");
  else stray(["pairs", "mode", "frames", "gamma", "jpeg", "h264"], "it without --video");
}

function synthOptions(flags: Flags, signal: AbortSignal): SynthOptions {
  const [frames, gap] = [rangeFlag("--frames", flags.frames), rangeFlag("--gap", flags.gap)];
  const h264 = rangeFlag("--h264", flags.h264);
  const gamma = choiceFlag("--gamma", flags.gamma, ["2.2", "srgb", "none"]);
  const jpeg = countFlag("--jpeg", flags.jpeg);
  return {
    mode: choiceFlag("--mode", flags.mode, ["gopro", "realistic"]) ?? "gopro",
    seed: seedFlag(flags.seed) ?? 1,
    ...(frames && { frames }),
    ...(gap && { gap }),
    ...(gamma && { gamma }),
    ...(jpeg !== undefined && { jpeg }),
    ...(h264 && { h264 }),
    force: flags.force ?? false,
    overwrite: flags.overwrite ?? false,
    signal,
  };
}

function photoOptions(flags: Flags) {
  const pairs = countFlag("--pairs", flags.pairs);
  return { ...(pairs !== undefined && { pairs }), ...sizeFlag(flags.size) };
}

function report({ pairs, sources }: SynthManifest, output: string, flags: Flags, io: CommandIo): void {
  if (flags.json) {
    const dropped = sources.reduce((sum, { duplicates = 0 }) => sum + duplicates, 0);
    io.stdout(
      JSON.stringify({ output, pairs: pairs.length, sources: sources.length, duplicatesDropped: dropped }) +
        "\n",
    );
  } else if (!flags.quiet) {
    io.stderr(`Wrote ${counted(pairs.length, "pair")} to ${output}\n`);
  }
}

function seedFlag(text: string | undefined): number | undefined {
  return numberFlag("--seed", text, "a whole number", Number.isSafeInteger);
}

function rangeFlag(flag: string, text: string | undefined): { least: number; most: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  if (match === null) throw new UsageError(`${flag} is "${text}"; wanted a number or a range like 7..13`);
  return { least: Number(match[1]), most: Number(match[2] ?? match[1]) };
}

function sizeFlag(text: string | undefined): { width: number; height: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (match === null) throw new UsageError(`--size is "${text}"; wanted a size like 1280x720`);
  return { width: Number(match[1]), height: Number(match[2]) };
}
