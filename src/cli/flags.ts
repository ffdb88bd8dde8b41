import { UsageError } from "../errors.ts";
import { numberFlag, parseFlags } from "../parse_flags.ts";

export { numberFlag, parseFlags };

/** A flag's whole number of at least `least`. */
export function countFlag(flag: string, text: string | undefined, least = 1): number | undefined {
  return numberFlag(flag, text, `a whole number from ${least}`, (n) => Number.isSafeInteger(n) && n >= least);
}

/** A flag that takes one of a few words. */
export function choiceFlag<T extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const choice = choices.find((choice) => choice === text);
  if (choice === undefined) throw new UsageError(`${flag} is "${text}"; wanted ${choices.join(", ")}`);
  return choice;
}

/** A flag's moment or length: seconds ("12.5") or [h:]mm:ss[.s] ("1:02:03.5"). @returns Seconds. */
export function timeFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) {
    throw new UsageError(`${flag} is "${text}"; wanted seconds (12.5) or h:mm:ss (1:02:03.5)`);
  }
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}

/** Does `work` with values that come from flags: those the library refuses are the user's mistake. */
export async function asUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
