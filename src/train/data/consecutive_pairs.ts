import type { PairFiles } from "./pair_files.ts";

/**
 * Whether one picture follows another in a sequence: same name but for the number at its end, which is one larger
 * (`REDS_001/00000003` after `REDS_001/00000002`).
 */
export function isNextPair(pair: PairFiles | undefined, before: PairFiles | undefined): boolean {
  const [one, other] = [numbered(pair), numbered(before)];
  return one !== undefined && one.name === other?.name && one.number === other.number + 1;
}

function numbered(pair: PairFiles | undefined): { name: string; number: number } | undefined {
  const [, name, digits] = pair?.name.match(/^(.*?)(\d+)$/s) ?? [];
  return name === undefined ? undefined : { name, number: Number(digits) };
}
