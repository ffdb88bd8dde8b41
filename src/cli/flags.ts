import { OptionError, UsageError } from "../errors.ts";
import { choiceFlag, invalidFlag, numberFlag, parseFlags } from "../parse_flags.ts";

export { choiceFlag, invalidFlag, numberFlag, parseFlags };

/** A flag's whole number of at least `least`. */
export function countFlag(flag: string, text: string | undefined, least = 1): number | undefined {
  const expected = `a whole number of at least ${least}`;
  return numberFlag(flag, text, expected, (n) => Number.isSafeInteger(n) && n >= least);
}

/** A flag's time: seconds ("12.5") or [h:]mm:ss[.s] ("1:02:03.5"). @returns Seconds. */
export function timeFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) throw invalidFlag(flag, text, "seconds (12.5) or h:mm:ss (1:02:03.5)");
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}

/** Calls the library with options made of flags: one that it refuses is a mistake on the command line. */
export async function asUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Bytes of a unit, by its letter. */
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A flag's amount of memory: bytes, or a number with K, M, G or T ("2G", "1.5GiB"). @returns Bytes. */
export function sizeFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit.toUpperCase()] ?? 1));
  if (number === "" || !(bytes > 0)) throw invalidFlag(flag, text, "a size, such as 2G or 800M");
  return bytes;
}
