import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { readWeights, UsageError } from "../../../mod.ts";
import { DamagedMediaError, MediaError } from "../../errors.ts";
import { hashFile } from "../../hash_file.ts";
import { writeWhole } from "../../part_file.ts";
import type { Tuned } from "../../train/tune/tune_on.ts";
import type { Networks } from "./choose_networks.ts";
import type { Command } from "./command.ts";
import { type Job, partlyDamaged } from "./find_jobs.ts";
import { counted } from "../format_text.ts";
import { openProgressBar } from "../progress_bar.ts";

/** What a job is restored with after tuning. */
export interface TunedNetworks {
  readonly networks: Networks;
  /** What tuning gained; absent if the weights were kept from an earlier run. */
  readonly tuning?: Omit<Tuned, "weights">;
}

/**
 * Tunes the weights for a video on the video itself, or finds those that were tuned on it before: they are kept beside the output. If tuning gains
 * nothing, the weights stay as they are.
 *
 * @throws {UsageError} if the network is another project's; {MediaError} if the kept weights are of another clip.
 * @throws {EngineError} if nothing can train here.
 */
export async function tuneNetworks(
  job: Job,
  networks: Networks,
  { flags, io }: Pick<Command, "flags" | "io">,
): Promise<TunedNetworks> {
  const print = (line: string) => flags.quiet || io.stderr(`${line}\n`);
  const { weights, alone } = networks;
  if (!("config" in weights)) {
    throw new UsageError(
      `--tune trains this project's networks only, and ${weights.path} is another's. Leave it out`,
    );
  }
  const path = tunedName(job.output);

  const kept = await exists(path) ? await readWeights(path) : undefined;
  if (kept !== undefined && kept.provenance.tunedOn !== await hashFile(job.input, io.signal)) {
    const what = "These weights were not tuned on this clip";
    throw new MediaError(path, `${what}. Name them with --weights to use them for it, or move them away`);
  }
  if (kept?.provenance.init === weights.sha256) {
    print(`${path}: tuned on this clip before, and used again`);
    return { networks: { ...networks, weights: kept } };
  }
  const { tuneOn } = await import("../../train/tune/tune_on.ts");
  using bar = openProgressBar(
    { ...io, isTerminal: io.isTerminal && !flags.quiet },
    `tuning on ${basename(job.input)}`,
    "%",
  );
  const { weights: tuned, ...tuning }: Tuned = await tuneOn(job.input, {
    weights,
    ...flags.media,
    minutes: flags.tune ?? 0,
    device: flags.device === "webgpu" ? "webgpu" : "tensorflow",
    engine: flags.device,
    signal: io.signal,
    onProgress: (part, share = 0) => bar.update(Math.round(100 * share), 100, part),
  }).catch((error) => {
    if (!(error instanceof DamagedMediaError)) throw error;
    if (!flags.keepPartial) throw partlyDamaged(job.input, error.damage, error);
    return { moments: 0, reason: `it is damaged: ${error.damage}` }; // what can be decoded is still restored
  });
  if (tuned === undefined) {
    print(`${job.input}: not tuned, because ${tuning.reason}`);
    return { networks, tuning };
  }
  await writeWhole(path, tuned.bytes, { overwrite: true });
  print(`${path}: ${describeTuning(tuning)}`);
  return { networks: { weights: await readWeights(path), ...(alone && { alone }) }, tuning };
}

/** Name of the weights that are kept beside an output. */
export function tunedName(output: string): string {
  return `${output.slice(0, output.length - extname(output).length)}.tuned.safetensors`;
}

function describeTuning({ moments, before = NaN, after = NaN }: TunedNetworks["tuning"] & object): string {
  const gains = `${signed(after)} dB instead of ${signed(before)} on those held out`;
  return `tuned on ${counted(moments, "sharp moment")}: ${gains}`;
}

function signed(gain: number): string {
  return `${gain < 0 ? "" : "+"}${gain.toFixed(2)}`;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
