import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf, UsageError } from "./errors.ts";

/** Flags of a command, as `node:util`'s parseArgs takes them. */
export type FlagSpecs = NonNullable<ParseArgsConfig["options"]>;

/**
 * Splits a command line into flags and the rest.
 *
 * @throws {UsageError} naming the flag that is not known or lacks its value, or has "=" after one letter.
 */
export function parseFlags<const T extends FlagSpecs>(args: readonly string[], specs: T) {
  refuseShortEquals(args, specs);
  try {
    return parseArgs({ args: withNumbers(args, specs), options: specs, allowPositionals: true });
  } catch (error) {
    const message = messageOf(error);
    const [first = message] = message.split(/\.\s/);
    const sentence = first.replace(
      / argument is ambiguous$/,
      " wants a value, and what follows looks like a flag",
    );
    const file = args.find((arg) => /^-[^-].*\.\w+$/.test(arg));
    const hint = file === undefined ? "" : `; a file of that name is written ./${file}`;
    throw new UsageError(`${sentence}; --help lists the flags${hint}`, { cause: error });
  }
}

/** `-o=x.mp4` is `-o` with the value "=x.mp4" to parseArgs, as to other programs: nobody means that name. */
function refuseShortEquals(args: readonly string[], specs: FlagSpecs): void {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (const arg of args.slice(0, end)) {
    const [, letter, value = ""] = /^-(\w)=(.*)$/s.exec(arg) ?? [];
    const spec = Object.entries(specs).find(([, { short, type }]) => short === letter && type === "string");
    if (letter === undefined || spec === undefined) continue;
    throw new UsageError(
      `"${arg}" has "=" after -${letter}; wanted -${letter} ${value} or --${spec[0]}=${value}`,
    );
  }
}

/** `--start -1` as `--start=-1`: no flag begins as a number does, so that the flag can tell what it wants instead. */
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

/** A flag's number. @param wanted What is right, for the error: "a number from 0 to 51". */
export function numberFlag(
  flag: string,
  text: string,
  wanted: string,
  isRight: (value: number) => boolean,
): number;
export function numberFlag(
  flag: string,
  text: string | undefined,
  wanted: string,
  isRight: (value: number) => boolean,
): number | undefined;
export function numberFlag(
  flag: string,
  text: string | undefined,
  wanted: string,
  isRight: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || !isRight(value)) {
    throw new UsageError(`${flag} is "${text}"; wanted ${wanted}`);
  }
  return value;
}
