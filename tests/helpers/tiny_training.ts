import { type TrainConfig, trainConfig } from "../../src/train/config.ts";
import { flat, PairFolder } from "./pair_folder.ts";
import { renderScene } from "./smooth_scene.ts";

/** The smoke preset made smaller still: a step takes a few hundredths of a second in plain JavaScript. */
export const TINY: TrainConfig = {
  ...trainConfig("smoke"),
  network: { ...trainConfig("smoke").network, channels: [4, 6] },
  crop: 16,
  steps: 20,
};

/** Crops of pairs as they are: none sharp already, reduced, turned, recoloured, softened, compressed or without neighbours. */
export const PLAIN_CROPS = {
  unblurredShare: 0,
  reducedShare: 0,
  turnedShare: 0,
  colourShare: 0,
  softShare: 0,
  compressedShare: 0,
  missingShare: 0,
} as const satisfies Partial<TrainConfig>;

/**
 * A folder with two pairs and two photos; the blurry ones are means over a short way of the camera.
 *
 * @param from Where in the scene, in pixels; another place for other pictures.
 */
export async function trainingFolder(from = 0): Promise<PairFolder> {
  const folder = await PairFolder.create();
  for (const [name, seed, dx] of [["1", 1, from], ["2", 2, from + 30]] as const) {
    const view = { width: 64, height: 48, seed };
    const frames = [-2, -1, 0, 1, 2].map((offset) => renderScene({ ...view, dx: dx + 1.5 * offset }));
    const mean = flat(0, 64, 48);
    mean.data.forEach((_, i) => mean.data[i] = frames.reduce((sum, { data }) => sum + (data[i] ?? 0), 0) / 5);
    await folder.write(`pairs/blur/${name}.png`, mean);
    await folder.write(`pairs/sharp/${name}.png`, renderScene({ ...view, dx }));
    await folder.write(`photos/${name}.png`, renderScene({ ...view, dx: dx + 60 }));
  }
  return folder;
}
