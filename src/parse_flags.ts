import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf, oneOf, UsageError } from "./errors.ts";

/** Flags of a command, as `node:util`'s parseArgs takes them. */
export type FlagSpecs = NonNullable<ParseArgsConfig["options"]>;

/**
 * Splits a command line into flags and positional arguments.
 *
 * @throws {UsageError} naming the flag that is unknown, lacks its value, or has "=" after one letter.
 */
export function parseFlags<const T extends FlagSpecs>(args: readonly string[], specs: T) {
  refuseShortEquals(args, specs);
  try {
    return parseArgs({ args: withNumbers(args, specs), options: specs, allowPositionals: true });
  } catch (error) {
    const message = messageOf(error);
    const [first = message] = message.split(/\.\s/);
    const sentence = first.replace(/ argument is ambiguous$/, " needs a value, but a flag follows");
    const file = args.find((arg) => /^-[^-].*\.\w+$/.test(arg));
    const hint = file === undefined ? "" : `. Write a file of that name as ./${file}`;
    throw new UsageError(`${sentence}. Use --help to see all flags${hint}`, { cause: error });
  }
}

/** parseArgs reads `-o=x.mp4` as `-o` with the value "=x.mp4", which is never meant. */
function refuseShortEquals(args: readonly string[], specs: FlagSpecs): void {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (const arg of args.slice(0, end)) {
    const [, letter, value = ""] = /^-(\w)=(.*)$/s.exec(arg) ?? [];
    const spec = Object.entries(specs).find(([, { short, type }]) => short === letter && type === "string");
    if (letter === undefined || spec === undefined) continue;
    throw new UsageError(
      `Invalid flag "${arg}": one letter takes no "=". Write -${letter} ${value} or --${spec[0]}=${value}`,
    );
  }
}

/** Turns `--start -1` into `--start=-1`: parseArgs takes -1 for a flag, but no flag begins like a number. */
function withNumbers(args: readonly string[], specs: FlagSpecs): string[] {
  const joined: string[] = [];
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (let i = 0; i < args.length; i++) {
    const [arg = "", next] = [args[i], args[i + 1]];
    const name = arg.slice(2);
    const takesValue = arg.startsWith("--") && Object.hasOwn(specs, name) && specs[name]?.type === "string";
    if (takesValue && i + 1 < end && next !== undefined && /^-\.?\d/.test(next)) {
      joined.push(`${arg}=${next}`);
      i++;
    } else joined.push(arg);
  }
  return joined;
}

/** The error for a flag's value. @param expected What is valid: "a number from 0 to 51". */
export function invalidFlag(flag: string, text: string, expected: string): UsageError {
  return new UsageError(`Invalid value "${text}" for ${flag}: expected ${expected}`);
}

/**
 * A flag's number.
 *
 * @param expected What is valid, for the error: "a number from 0 to 51".
 * @throws {UsageError} if it is no number, or not a valid one.
 */
export function numberFlag(
  flag: string,
  text: string,
  expected: string,
  isValid: (value: number) => boolean,
): number;
export function numberFlag(
  flag: string,
  text: string | undefined,
  expected: string,
  isValid: (value: number) => boolean,
): number | undefined;
export function numberFlag(
  flag: string,
  text: string | undefined,
  expected: string,
  isValid: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || !isValid(value)) {
    throw invalidFlag(flag, text, expected);
  }
  return value;
}

/** A flag that takes one of a few words. @throws {UsageError} naming them. */
export function choiceFlag<T extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const choice = choices.find((choice) => choice === text);
  if (choice === undefined) throw invalidFlag(flag, text, oneOf(choices));
  return choice;
}
