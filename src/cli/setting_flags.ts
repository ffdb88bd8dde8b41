import type { Setting, Settings, ValuesOf } from "../train/setting.ts";
import { invalidFlag } from "./flags.ts";

/** `pairShare` as "pair-share". */
type Kebab<T extends string> = T extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Kebab<Rest>}`
  : T;

/** The flags that set some settings. */
export type SettingFlags<S extends Settings> = {
  readonly [K in keyof S & string as Kebab<K>]: { readonly type: "string" };
};

/** Flags for some settings, as `parseFlags` takes them. */
export function settingFlags<S extends Settings>(settings: S): SettingFlags<S> {
  const specs = Object.keys(settings).map((name) => [flagOf(name), { type: "string" }]);
  return Object.fromEntries(specs) as SettingFlags<S>;
}

/** The flag of a setting, without its dashes: "pair-share". */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * The values of the settings whose flags are given.
 *
 * @throws {UsageError} naming the first flag whose value is not valid.
 */
export function givenSettings<S extends Settings>(
  settings: S,
  flags: Readonly<Record<string, unknown>>,
): Partial<ValuesOf<S>> {
  const given: Partial<Record<string, unknown>> = {};
  for (const [name, { parse, isValid, expected }] of Object.entries(settings)) {
    const text = flags[flagOf(name)];
    if (typeof text !== "string") continue;
    const value = parse(text);
    if (!isValid(value)) throw invalidFlag(`--${flagOf(name)}`, text, expected);
    given[name] = value;
  }
  return given as Partial<ValuesOf<S>>;
}

/** Columns of a help text. */
const WIDTH = 125;

/**
 * The lines of a help text about some settings.
 *
 * @param indent Columns before what a setting does.
 * @param note What to add about a setting: "default 7..13".
 */
export function settingsHelp(
  settings: Settings,
  indent: number,
  note: (name: string) => string | undefined,
): string {
  const lines = Object.entries(settings).flatMap(([name, setting]) =>
    settingLines(name, setting, indent, note(name))
  );
  return lines.join("\n");
}

function settingLines(
  name: string,
  { value, help }: Setting<unknown>,
  indent: number,
  note: string | undefined,
): string[] {
  const [first = "", ...more] = wrap(note === undefined ? help : `${help} (${note})`, WIDTH - indent);
  const flag = `  --${flagOf(name)} ${value}`;
  const margin = " ".repeat(indent);
  const rest = more.map((line) => margin + line);
  return flag.length < indent ? [flag.padEnd(indent) + first, ...rest] : [flag, margin + first, ...rest];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
