import { roundUp } from "../external/trial_run.ts";
import { renderTrialScene } from "../external/trial_scene.ts";
import { type NetworkConfig, sizeMultiple } from "../network/config.ts";
import { noNeighbour } from "../restore/network_input.ts";
import type { LoadedNetwork } from "../restore/restore_picture.ts";
import { worstDifference } from "../restore/worst_difference.ts";

/**
 * Grey levels that float16 may change a sample by: as the extremes of noise, that is a standard deviation of 1, which costs a result of 25 dB
 * 0.02 dB. Emulated on 24 pictures of 1280 x 720 with both shipped networks, it was 2 at most, and the mean 0.07.
 */
const MOST_LEVELS = 4;
/** The least side of the scene, in pixels. */
const SIDE = 96;

/**
 * Restores a small scene with float16 and float32.
 *
 * @throws {Error} if they differ by more than rounding explains: that network cannot be computed with float16 on that device.
 */
export async function checkHalf(
  half: LoadedNetwork["run"],
  exact: LoadedNetwork["run"],
  config: NetworkConfig,
): Promise<void> {
  const side = roundUp(SIDE, sizeMultiple(config));
  const { blurry, previous, next } = renderTrialScene(side, side);
  const { flow } = noNeighbour(blurry);
  const neighbours = [previous, next].slice(0, config.frames - 1).map((moved) => ({ moved, flow }));
  const restore = async (run: LoadedNetwork["run"]) =>
    (await run({ picture: blurry, neighbours }, { detail: 1, branches: false })).image;
  const levels = worstDifference(await restore(half), await restore(exact));
  if (levels <= MOST_LEVELS) return;
  throw new Error(
    `with float16 this network's result differs by ${levels} grey levels here, and ${MOST_LEVELS} are allowed. ` +
      "Use --precision float32",
  );
}
