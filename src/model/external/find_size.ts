import { messageOf } from "../../errors.ts";
import type { ChannelOrder } from "./external_network.ts";
import type { GraphInterface } from "./graph_interface.ts";
import type { GraphSession } from "./graph_session.ts";
import { FLOAT_RANGES, inputRanges, roundUp, type Size, type Trial, tryGraph } from "./trial_run.ts";
import { renderTrialScene } from "./trial_scene.ts";
import { UnfitGraphError } from "./unfit_graph_error.ts";

/** Sizes that a graph runs at, and the last trial. */
export interface FoundSize {
  /** Sides must be multiples of this. */
  readonly sizeMultiple: number;
  /** The only size it runs at. */
  readonly fixedSize?: Size;
  /** A run at a size of that kind. */
  readonly trial: Trial;
}

const MULTIPLES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
/** Sizes tried where none runs: what graphs are exported for that say they take any size, and do not. */
const COMMON_SIZES: readonly Size[] = [256, 512, 128, 64].map((side) => ({ width: side, height: side }));
/** A size at which the scene has something to restore. */
const SCENE: Size = { width: 160, height: 64 };

/**
 * Finds the sizes at which a graph runs: smaller ones first, those that do not fit fail soon.
 *
 * @throws {UnfitGraphError} if there is none.
 */
export async function findSize(
  session: GraphSession,
  plan: GraphInterface,
  order: ChannelOrder,
): Promise<FoundSize> {
  const [range = FLOAT_RANGES[0]] = inputRanges(plan);
  let failure: unknown;
  const tryAt = async (...sizes: readonly Size[]): Promise<Trial | undefined> => {
    for (const layout of plan.layouts) {
      try {
        let trial: Trial | undefined;
        for (const { width, height } of sizes) {
          if (range) {
            trial = await tryGraph(session, plan, renderTrialScene(width, height), { layout, range, order });
          }
        }
        return trial;
      } catch (error) {
        failure = error;
      }
    }
  };
  const { width, height } = plan.fixed;
  if (width !== undefined || height !== undefined) {
    const fixedSize = { width: width ?? height ?? 0, height: height ?? width ?? 0 };
    const trial = await tryAt(fixedSize);
    if (trial) return { sizeMultiple: 1, fixedSize, trial };
    const why = messageOf(failure);
    throw new UnfitGraphError(
      `It does not run at its own size, ${fixedSize.width}x${fixedSize.height}: ${why}`,
    );
  }
  for (const sizeMultiple of MULTIPLES) {
    const small = { width: 3 * sizeMultiple, height: sizeMultiple };
    const large = { width: roundUp(SCENE.width, sizeMultiple), height: roundUp(SCENE.height, sizeMultiple) };
    // Two sizes: a graph that has one of them fixed inside may say that it takes any.
    const trial = await tryAt(small, large);
    if (trial) return { sizeMultiple, trial };
  }
  const why = messageOf(failure);
  for (const fixedSize of COMMON_SIZES) {
    const trial = await tryAt(fixedSize);
    if (trial) return { sizeMultiple: 1, fixedSize, trial };
  }
  throw new UnfitGraphError(
    `Its input "${plan.picture}" is declared for pictures of any size, but it runs at none that was tried: ${why}`,
  );
}
