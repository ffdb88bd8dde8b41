import { oneOf, OptionError } from "../errors.ts";

/** A setting that a user may choose: its values, what it does, and how a flag sets it. */
export interface Setting<T> {
  /** What it does, as `--help` prints it. */
  readonly help: string;
  /** Its valid values: "a whole number of at least 1". */
  readonly expected: string;
  /** Placeholder of its value in `--help`: "N", or the choices. */
  readonly value: string;
  /** Whether a value is valid. */
  readonly isValid: (value: unknown) => value is T;
  /** The value of a flag's text, valid or not. */
  readonly parse: (text: string) => unknown;
}

/** Settings by their names. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of some settings. */
export type ValuesOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Whole numbers from `least` to `most`, both included. */
export interface Range {
  /** The smallest. */
  readonly least: number;
  /** The largest. */
  readonly most: number;
}

/** A number for which `isInRange` holds. */
export function number(
  help: string,
  expected: string,
  isInRange: (value: number) => boolean,
): Setting<number> {
  return {
    help,
    expected,
    value: "N",
    isValid: (value): value is number => typeof value === "number" && isInRange(value),
    parse: (text) => text.trim() === "" ? NaN : Number(text),
  };
}

/** A whole number from `least` to `most`. */
export function count(help: string, { least = 1, most = Infinity }: Partial<Range> = {}): Setting<number> {
  const bounds = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  const isInRange = (n: number) => Number.isSafeInteger(n) && n >= least && n <= most;
  return number(help, `a whole number ${bounds}`, isInRange);
}

/** A share, 0 … 1. @param help What of: "crops from pairs". */
export function share(help: string): Setting<number> {
  return number(`Share of ${help}`, "a share from 0 to 1", (n) => n >= 0 && n <= 1);
}

/** One of some words. */
export function choice<const T extends string>(help: string, words: readonly T[]): Setting<T> {
  const isValid = (value: unknown): value is T => words.some((word) => word === value);
  return { help, expected: oneOf(words), value: words.join("|"), isValid, parse: (text) => text };
}

/**
 * A range of whole numbers.
 *
 * @param bounds What both ends must be within.
 * @param example As a flag writes it: "7..13"; a single number is a range too.
 */
export function range(
  help: string,
  { least: lowest, most: highest }: Range,
  example: string,
): Setting<Range> {
  const isValid = (value: unknown): value is Range => {
    if (typeof value !== "object" || value === null || !("least" in value && "most" in value)) return false;
    const { least, most } = value;
    const isWithin = (n: unknown) => Number.isSafeInteger(n) && Number(n) >= lowest && Number(n) <= highest;
    return isWithin(least) && isWithin(most) && Number(least) <= Number(most);
  };
  const bounds = highest === Infinity ? `from ${lowest}` : `from ${lowest} to ${highest}`;
  return {
    help,
    expected: `a whole number or a range like ${example}, ${bounds}`,
    value: example,
    isValid,
    parse(text) {
      const [, least, most = least] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
      return { least: Number(least), most: Number(most) };
    },
  };
}

/** A setting's value as text: ranges as "7..13". */
export function settingText(value: unknown): string {
  if (typeof value === "object" && value !== null && "least" in value && "most" in value) {
    return value.least === value.most ? `${value.least}` : `${value.least}..${value.most}`;
  }
  return typeof value === "string" ? value : JSON.stringify(value) ?? "undefined";
}

/** The error for a setting with a value that is not valid. */
export function invalidSetting(name: string, value: unknown, expected: string): OptionError {
  return new OptionError(`Invalid value ${settingText(value)} for ${name}: expected ${expected}`);
}

/**
 * Checks values that come from outside.
 *
 * @throws {OptionError} naming the first setting whose value is not valid, or is missing.
 */
export function checkSettings(settings: Settings, values: Readonly<Record<string, unknown>>): void {
  for (const [name, { isValid, expected }] of Object.entries(settings)) {
    if (!isValid(values[name])) throw invalidSetting(name, values[name], expected);
  }
}
