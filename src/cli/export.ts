import { resolve } from "node:path";
import { exportOnnx, PRESETS, readWeights, sizeMultiple } from "../../mod.ts";
import { UsageError } from "../errors.ts";
import { writeWhole } from "../part_file.ts";
import type { CommandIo } from "./command_io.ts";
import { choiceFlag, parseFlags } from "./flags.ts";

const FAST_MULTIPLE = sizeMultiple(PRESETS.fast);

/** What `deno task export --help` prints. */
const EXPORT_HELP = `Write a network as ONNX for other tools

  deno task export WEIGHTS -o FILE.onnx [options]

The graph's inputs are "picture", bytes [1, height, width, 3], and "detail", the gain of what it changes; its output is "image".
Height and width must be multiples of ${FAST_MULTIPLE} (preset fast; the file's metadata have it as "size_multiple"): pad other
pictures, preferably by mirroring. A network of three frames has four more inputs: "previous" and "next", the neighbouring frames moved
onto "picture", and "previous_flow" and "next_flow", how far; the file's description says how.

  -o, --output FILE   The file to write
  --depth 8|16        Bits of a sample, of input and output (default 8)
  --branches          Add the outputs "up" and "down"
  --overwrite         Replace the file if it exists
`;

const FLAGS = {
  output: { type: "string", short: "o" },
  depth: { type: "string" },
  branches: { type: "boolean" },
  overwrite: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * `deno task export`: see {@linkcode EXPORT_HELP}.
 *
 * @returns The exit code.
 * @throws {UsageError} naming the argument that is not valid.
 * @throws {WeightsError} if the weights cannot be read; {MediaError} if the file exists or cannot be written.
 */
export async function exportCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values: flags, positionals } = parseFlags(args, FLAGS);
  if (flags.help === true) {
    io.stdout(EXPORT_HELP);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined) throw new UsageError("Nothing to export: give a file of WEIGHTS");
  if (more.length > 0) throw new UsageError(`Unexpected argument "${more[0]}": give one file of WEIGHTS`);
  const depth = choiceFlag("--depth", flags.depth, ["8", "16"]);
  const { output } = flags;
  if (output === undefined) throw new UsageError("No output file: add -o FILE.onnx");
  if (resolve(output) === resolve(path)) {
    throw new UsageError("The output is the weights file. Choose another name with -o");
  }
  const weights = await readWeights(path);
  const onnx = exportOnnx(weights, { depth: depth === "16" ? 16 : 8, branches: flags.branches === true });
  await writeWhole(output, onnx, { inputs: [path], overwrite: flags.overwrite === true });
  const multiple = sizeMultiple(weights.config);
  io.stderr(
    `Wrote ${output}, ${(onnx.length / 1e6).toFixed(1)} MB; sides must be multiples of ${multiple}\n`,
  );
  return 0;
}
