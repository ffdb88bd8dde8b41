import { calibrationPath, readBareWeights } from "../../mod.ts";
import { UsageError } from "../errors.ts";
import { writeWhole } from "../part_file.ts";
import type { CommandIo } from "./command_io.ts";
import { countFlag, parseFlags } from "./flags.ts";
import { openProgressBar } from "./progress_bar.ts";

/** What `deno task calibrate --help` prints. */
const CALIBRATE_HELP =
  `Find how a network can compute with bytes (--precision int8), two and a half times faster

  deno task calibrate WEIGHTS --data DIR... [--validate DIR] [options]

Looks at the values of the network on training pictures and writes their ranges to WEIGHTS.int8.json beside WEIGHTS. To be repeated
for other weights; those that it was not made of ignore it. --device cpu uses it by itself if the processor multiplies bytes fast (VNNI, AMX)
and no sequence of --validate lost more than 0.03 dB.

  --data DIR...    Pairs to look at, blurry pictures alone: folders with blur/ and sharp/, at any depth
  --validate DIR   Other pairs, to measure what is lost
  --pictures N     How many of the pairs to look at (default 24)
  --overwrite      Replace the file if it exists
`;

const FLAGS = {
  data: { type: "string", multiple: true },
  validate: { type: "string" },
  pictures: { type: "string" },
  overwrite: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * `deno task calibrate`: see {@linkcode CALIBRATE_HELP}.
 *
 * @returns The exit code.
 * @throws {UsageError} naming the argument that is not valid.
 * @throws {WeightsError} if the weights cannot be read; {MediaError} naming a picture that cannot be used, or the file that exists.
 */
export async function calibrateCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values: flags, positionals } = parseFlags(args, FLAGS);
  if (flags.help === true) {
    io.stdout(CALIBRATE_HELP);
    return 0;
  }
  const [path, ...others] = positionals;
  const [first, ...more] = [...flags.data ?? [], ...others];
  if (path === undefined) throw new UsageError("Nothing to calibrate: give a file of WEIGHTS");
  if (first === undefined) throw new UsageError("No pictures to look at: add --data DIR");
  const pictures = countFlag("--pictures", flags.pictures);
  const weights = await readBareWeights(path);
  const { listPairs } = await import("../train/data/pair_files.ts");
  const { calibrate } = await import("../train/calibrate/calibrate.ts");
  const pairs = [];
  for (const directory of [first, ...more]) pairs.push(...await listPairs(directory));
  const validation = flags.validate === undefined ? [] : await listPairs(flags.validate);
  const calibration = await (async () => {
    using bar = openProgressBar(io, "Calibrating", "pictures");
    return await calibrate(weights, pairs, {
      ...(pictures !== undefined && { pictures }),
      validation,
      signal: io.signal,
      onPicture: (done, total) => bar.update(done, total, ""),
    });
  })();
  const output = calibrationPath(path);
  const text = `${JSON.stringify(calibration)}\n`.replaceAll("],[", "],\n[");
  await writeWhole(output, new TextEncoder().encode(text), {
    inputs: [path],
    overwrite: flags.overwrite === true,
  });
  const losses = Object.entries(calibration.loss).map(([name, lost]) => `${name} ${lost.toFixed(3)} dB`);
  io.stderr(`Wrote ${output}; lost: ${losses.join(", ") || "not measured (add --validate DIR)"}\n`);
  return 0;
}
