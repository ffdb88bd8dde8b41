import { readdir } from "node:fs/promises";
import { type ClipOptions, makeClip } from "./make_clip.ts";
import { type CliRun, runCli, type RunCliOptions } from "./run_cli.ts";
import { writeSmokeWeights } from "./smoke_weights.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** Three frames are enough for most. */
export const SHORT: ClipOptions = { pts: [0, 1, 2] };

/** A folder with weights, a clip, and the command ready to run on what is in it. */
export async function workplace() {
  const folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  await makeClip(folder.file("clip.mp4"), SHORT);
  return {
    ...folder,
    weights,
    deblur: (args: readonly string[], options?: RunCliOptions): Promise<CliRun> =>
      runCli(["deblur", "--device", "cpu", "--weights", weights, ...args], options),
    names: async () => (await readdir(folder.path, { recursive: true })).sort(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
