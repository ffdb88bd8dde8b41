import { UsageError } from "../../errors.ts";
import { locateNetwork } from "../../locate_network.ts";
import {
  type ExternalNetwork,
  type MediaInfo,
  type Preset,
  readNetwork,
  readWeights,
  shippedWeights,
  type Weights,
  WeightsError,
} from "../../../mod.ts";
import { asUsage } from "../flags.ts";
import type { DeblurFlags } from "./deblur_flags.ts";

/** What restores a job: {@linkcode OpenEngineOptions} has the same. */
export interface Networks {
  readonly weights: Weights | ExternalNetwork;
  /** Restores what has no neighbour. */
  readonly alone?: Weights;
}

/** What restores inputs of a kind, read when the first of them comes; the same object for all that share it. */
export type NetworkChoice = (kind: MediaInfo["kind"]) => Promise<Networks>;

/** The network that sees the frames beside each, and the one for pictures without any. */
const [VIDEO, ALONE] = ["fast-video", "fast"] as const satisfies readonly Preset[];

/**
 * A video is restored with the frames beside each, if nothing else was asked for; other inputs one picture at a time: nothing says
 * that the pictures of a folder follow each other, and of a live source most frames are dropped. Of shipped networks, the
 * one of three frames gets help from the one of one: for frames that lack a neighbour that is better so far.
 *
 * @throws {WeightsError} if what was asked for by name cannot be used; {UsageError} if it cannot do what was asked of it.
 */
export async function chooseNetworks(flags: DeblurFlags): Promise<NetworkChoice> {
  const { preset, weights: file, channels } = flags;
  const read = async (path: string) => checkFlags(await readWeights(path), flags);
  if (file !== undefined) {
    const { path, name } = await locateNetwork(file);
    const network = await asUsage(() => readNetwork(path, { name, ...(channels && { channels }) }));
    const named = { weights: checkPreset(checkFlags(network, flags), preset) };
    return () => Promise.resolve(named);
  }
  const video = once(async () => ({
    weights: await read(shippedWeights(VIDEO)),
    alone: await read(shippedWeights(ALONE)),
  }));
  if (preset === VIDEO) {
    await video();
    return video;
  }
  const one = { weights: await read(shippedWeights(preset ?? ALONE)) };
  return (kind) => preset === undefined && kind === "video" ? video() : Promise.resolve(one);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}

type Network = Networks["weights"];

function checkPreset(weights: Network, preset: string | undefined): Network {
  if (preset !== undefined && !("preset" in weights && weights.preset === preset)) {
    throw new WeightsError(
      weights.path,
      `these weights are of ${nameOf(weights)}, not of preset "${preset}"`,
    );
  }
  return weights;
}

function checkFlags<T extends Network>(weights: T, { detail, branches }: DeblurFlags): T {
  const about = `${weights.path} (${nameOf(weights)})`;
  if (branches && !("config" in weights && weights.config.twoWay)) {
    throw new UsageError(`--branches needs a down branch, which ${about} does not have`);
  }
  if (detail !== 1 && !("config" in weights)) {
    throw new UsageError(`--detail is for networks of this project, and ${about} is none`);
  }
  return weights;
}

function nameOf(weights: Network): string {
  if (!("config" in weights)) return "a network of another project";
  const { preset } = weights;
  return preset ? `preset "${preset}"` : "a network that is no preset";
}
