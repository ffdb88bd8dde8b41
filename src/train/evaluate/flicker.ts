import { freePicture, type Picture } from "../../frame.ts";
import { blockFlow, flowPyramid } from "../../motion/block_flow.ts";
import { moveOnto } from "../../motion/move_onto.ts";

/**
 * How much each of some sequences flickers from one picture to the next: mean absolute difference, in grey levels, after the earlier picture
 * was moved onto the later one. All are moved alike, as the first one moves: hand the sharp one in first, which moves as the scene does.
 *
 * @param before The earlier picture of each sequence, all of one size.
 * @param now The later one of each, in the same order.
 * @returns One number a sequence.
 */
export function flicker(before: readonly Picture[], now: readonly Picture[]): number[] {
  const [first, later] = [before[0], now[0]];
  if (first === undefined || later === undefined) return [];
  const flow = blockFlow(flowPyramid(later), flowPyramid(first));
  return before.map((picture, i) => {
    const moved = moveOnto(picture, flow);
    const { data } = now[i] ?? later;
    let sum = 0;
    for (let k = 0; k < data.length; k++) sum += Math.abs((moved.data[k] as number) - (data[k] as number));
    freePicture(moved);
    return sum / data.length;
  });
}
