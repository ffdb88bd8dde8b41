import { join } from "node:path";
import type { SynthManifest } from "../../train/synth/synth_manifest.ts";
import type { SynthProgress } from "../../train/synth/synth_options.ts";
import type { CommandIo } from "../command_io.ts";
import { asUsage } from "../flags.ts";
import { counted } from "../format_text.ts";
import { openProgressBar } from "../progress_bar.ts";
import {
  parseSynthFlags,
  photoOptions,
  SYNTH_HELP,
  type SynthFlags,
  synthOptions,
  videoOptions,
} from "./synth_flags.ts";

/**
 * `deno task synth`: see {@linkcode SYNTH_HELP}.
 *
 * @returns The exit code.
 * @throws {UsageError} naming the flag that is not valid.
 * @throws {MediaError} naming footage, a photo or an output that cannot be used.
 */
export async function synthCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { flags, footage } = parseSynthFlags(args);
  const { photos, video, output, manifest } = flags;
  if (flags.help) io.stdout(SYNTH_HELP);
  else if (video !== undefined && photos !== undefined) await writeVideo(flags, photos, video, io);
  else if (output === undefined) throw new TypeError("parseSynthFlags let a command without an output pass");
  else if (manifest !== undefined) await rebuild(flags, manifest, footage, output, io);
  else await synthesize(flags, footage, output, io);
  return 0;
}

async function synthesize(
  flags: SynthFlags,
  footage: readonly string[],
  output: string,
  io: CommandIo,
): Promise<void> {
  const { synthesizeFootage } = await import("../../train/synth/synthesize_footage.ts");
  const { synthesizePhotos } = await import("../../train/synth/synthesize_photos.ts");
  const work = async () => {
    using bar = openPairBar("Synthesising", flags, io);
    const options = { ...synthOptions(flags), signal: io.signal, onPair: bar.onPair };
    return flags.photos === undefined
      ? await synthesizeFootage(footage, output, options)
      : await synthesizePhotos(flags.photos, output, { ...options, ...photoOptions(flags) });
  };
  report(await asUsage(work), output, flags, io);
}

function report({ pairs, sources }: SynthManifest, output: string, flags: SynthFlags, io: CommandIo): void {
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

async function rebuild(
  flags: SynthFlags,
  manifestFile: string,
  footage: readonly string[],
  output: string,
  io: CommandIo,
): Promise<void> {
  const { rebuildFolder } = await import("../../train/synth/rebuild_pairs.ts");
  const { listPhotos } = await import("../../train/data/photo_folder.ts");
  const { photos, pair, overwrite = false } = flags;
  const files = photos === undefined ? footage : (await listPhotos(photos)).map((name) => join(photos, name));
  const work = async () => {
    using bar = openPairBar("Rebuilding", flags, io);
    const names = pair === undefined ? {} : { names: [pair] };
    const options = { ...names, files, overwrite, signal: io.signal, onPair: bar.onPair };
    return await rebuildFolder(manifestFile, output, options);
  };
  const { pairs } = await asUsage(work);
  if (flags.json) io.stdout(JSON.stringify({ output, pairs }) + "\n");
  else if (!flags.quiet) io.stderr(`Made ${counted(pairs, "pair")} again in ${output}\n`);
}

async function writeVideo(flags: SynthFlags, photos: string, video: string, io: CommandIo): Promise<void> {
  const { writeVirtualVideo } = await import("../../train/camera/virtual_video.ts");
  const options = { ...videoOptions(flags), signal: io.signal };
  await asUsage(() => writeVirtualVideo(photos, video, options));
  if (flags.json) io.stdout(JSON.stringify({ output: video }) + "\n");
  else if (!flags.quiet) io.stderr(`Wrote ${video}\n`);
}

/** A progress bar for pairs, which is finished when it is disposed. */
function openPairBar(title: string, flags: SynthFlags, io: CommandIo) {
  const bar = openProgressBar(flags.quiet ? { ...io, isTerminal: false } : io, title, "%");
  return {
    onPair: ({ pairs, share = 0 }: SynthProgress) =>
      bar.update(Math.floor(share * 100), 100, counted(pairs, "pair")),
    [Symbol.dispose]: () => bar[Symbol.dispose](),
  };
}
