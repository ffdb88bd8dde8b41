import { resolve } from "node:path";
import { UsageError } from "../errors.ts";
import { PRESETS, sizeMultiple } from "../model/network/config.ts";
import { exportOnnx } from "../model/onnx/export_onnx.ts";
import { readWeights } from "../model/weights/weights.ts";
import { writeWhole } from "../part_file.ts";
import type { CommandIo } from "./command_io.ts";
import { choiceFlag, parseFlags } from "./flags.ts";

const FAST_MULTIPLE = sizeMultiple(PRESETS.fast);

/** What `deno task export --help` prints. */
const EXPORT_HELP = `Write a network as ONNX for other tools

  deno task export WEIGHTS -o FILE.onnx [options]

The graph takes "picture", bytes [1, height, width, 3], and "detail", the gain of the down branch; it gives "image". Height and width
have to be multiples of ${FAST_MULTIPLE} (preset fast; the file says which as "size_multiple"): pad other pictures, best by mirroring.
A network of three frames also takes "previous" and "next", the neighbouring frames moved onto "picture", and "previous_flow" and
"next_flow", how far: the file's description says how.

  -o, --output FILE   The file to write
  --depth 8|16        Bits of a sample, in and out (default 8)
  --branches          Give "up" and "down" too
  --overwrite         Replace a file that is there
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
 * @throws {UsageError} naming the argument that is wrong and what was wanted.
 * @throws {WeightsError} if the weights cannot be read; {MediaError} if the file is in the way or cannot be written.
 */
export async function exportCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values: flags, positionals } = parseFlags(args, FLAGS);
  if (flags.help === true) {
    io.stdout(EXPORT_HELP);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined) throw new UsageError("No weights to export; wanted WEIGHTS");
  if (more.length > 0) throw new UsageError(`Got "${more[0]}" after the weights; wanted one WEIGHTS`);
  const depth = choiceFlag("--depth", flags.depth, ["8", "16"]);
  const { output } = flags;
  if (output === undefined) throw new UsageError("No output file; wanted -o FILE.onnx");
  if (resolve(output) === resolve(path)) {
    throw new UsageError("The output is the weights file; wanted another");
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
