import { freePicture, type Picture } from "../../frame.ts";
import type { Restored } from "../engine/engine.ts";

/**
 * The mean of what two networks make of one picture, each picture of it rounded to its depth; of what only one of them gives,
 * that. Both results are used up: it is written over the first, and the second is freed.
 */
export function meanRestored(one: Restored, other: Restored): Restored {
  for (const name of ["image", "up", "down"] as const) {
    const [into, from] = [one[name], other[name]];
    if (into === undefined || from === undefined) continue;
    averageInto(into, from);
    freePicture(from);
  }
  return one;
}

function averageInto({ data }: Picture, { data: other }: Picture): void {
  for (let i = 0; i < data.length; i++) data[i] = ((data[i] as number) + (other[i] as number) + 1) >> 1;
}
