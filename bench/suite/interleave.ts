/** Something that is timed. */
export interface Contender {
  readonly name: string;
  /** Does its work once. @returns Seconds. */
  run(): Promise<number>;
}

/** Seconds of a contender's runs. */
export interface Timing {
  readonly min: number;
  readonly median: number;
}

/**
 * Times contenders by turns, so that what else the machine does hits all of them alike; one run each is not counted.
 *
 * @param rounds Runs of each that count.
 * @param seconds One whose first run takes longer is timed by that run alone.
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<ReadonlyMap<string, Timing>> {
  const times = new Map<string, number[]>();
  const slow = new Map<string, number[]>();
  for (const { name, run } of contenders) {
    const first = await run();
    if (first > seconds) slow.set(name, [first]);
    else times.set(name, []);
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contenders) times.get(name)?.push(await run());
  }
  return new Map(contenders.map(({ name }) => [name, timingOf(slow.get(name) ?? times.get(name) ?? [])]));
}

function timingOf(seconds: readonly number[]): Timing {
  const sorted = seconds.toSorted((a, b) => a - b);
  return { min: sorted[0] ?? NaN, median: sorted[Math.floor(sorted.length / 2)] ?? NaN };
}
