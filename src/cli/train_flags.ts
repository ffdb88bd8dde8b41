import { isPreset, type Preset, PRESETS, UsageError } from "../../mod.ts";
import { type TrainConfig, trainConfig } from "../train/config.ts";
import { flagOf, PRECISIONS, SETTING_NAMES, type SettingName, SETTINGS } from "../train/settings.ts";
import type { BlurKind } from "../train/data/pair_files.ts";
import type { TrainDevice } from "../train/tensorflow/tensorflow.ts";
import { choiceFlag, countFlag, invalidFlag, numberFlag, parseFlags } from "./flags.ts";

/** What `deno task train --help` prints. */
export const TRAIN_HELP = `Train or fine-tune a network on pairs, photos and videos

  deno task train --data DIR... [--preset fast] [--steps N|--minutes N] -o DIR
  deno task train --data DIR... --init WEIGHTS -o DIR
  deno task train --data DIR... --resume -o DIR

Folders with blur/ (or blur_gamma/) and sharp/ in them (GoPro's layout, any depth) are pairs, in PNG or WebP; what else lies in or
below such a folder is passed over. All other photos and videos are taken as sharp pictures, on which blur is synthesised. Every
picture is decoded before training starts. For a network of three frames (-video), pairs of one folder whose names end in numbers that
follow each other are neighbouring frames. The folder of the run gets checkpoint.safetensors, weights.safetensors (for --weights of
the other commands), metrics.jsonl, curve.svg, data.txt, TensorBoard events, and with --validate best.safetensors and grid-STEP.png
(blurry, down, up, result, sharp). Ctrl-C saves a checkpoint.

  --data DIR...             What to learn from; photos and videos can be named alone
  --exclude FILE...         Pictures and videos of it to leave out, by path or name
  --blur blur|blur_gamma    Blurry pictures of pairs: plain means of frames, or means in linear light (default blur)
  --every N                 Take every n-th frame of videos (default: two a second)
  --validate DIR            Pairs to measure on, never to learn from
  --validate-every N        Steps between measurements (default 1000; 20 for smoke)
  -o, --output DIR          Folder of the run; new, but for --resume
  --resume                  Go on from the checkpoint there.
                            Kept for good: --preset, --init, --seed, --loss. Kept until given anew: --steps or --minutes, of which
                            a larger one trains longer, --precision, and the settings from --batch to --revive-every. To be given
                            again, and the same: --data, --exclude, --blur, --every. To be given again, if wanted: --validate,
                            --validate-every, --device, --checkpoint-minutes

  --preset ${Object.keys(PRESETS).join("|")}
                            Network, and how it is trained (default fast, or that of --init)
  --init WEIGHTS            Start from trained weights of the same network, or of one that sees fewer frames; the rate is then a fifth of
                            the preset's, and --validate measures them first: best.safetensors is never worse
  --minutes N               Length in minutes instead; the learning rate then follows time
  --device tensorflow|webgpu|javascript
                            What trains (default tensorflow; deno task setup:tensorflow builds it)
  --precision auto|bfloat16|float32
                            What convolutions are computed in, on tensorflow; weights stay float32 (default auto: times both)
  --seed N                  Draws everything that is random (default 1)
  --checkpoint-minutes N    Time between checkpoints (default 5)

${settingsHelp()}
  --json                    Print what was trained as JSON
  --quiet                   No progress
`;

const FLAGS = {
  ...Object.fromEntries(SETTING_NAMES.map((name) => [flagOf(name), { type: "string" }])) as SettingFlags,
  data: { type: "string", multiple: true },
  exclude: { type: "string", multiple: true },
  blur: { type: "string" },
  every: { type: "string" },
  validate: { type: "string" },
  "validate-every": { type: "string" },
  output: { type: "string", short: "o" },
  resume: { type: "boolean" },
  preset: { type: "string" },
  init: { type: "string" },
  minutes: { type: "string" },
  device: { type: "string" },
  precision: { type: "string" },
  seed: { type: "string" },
  "checkpoint-minutes": { type: "string" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** `pairShare` as "pair-share". */
type Kebab<T extends string> = T extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Kebab<Rest>}`
  : T;
type SettingFlags = { readonly [K in SettingName as Kebab<K>]: { readonly type: "string" } };

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** Flags that say how a run begins; one that is resumed has begun already. */
const BEGINNING = ["preset", "init", "seed", "loss"] as const satisfies readonly (keyof Flags)[];

/** A command line that makes sense. */
export interface TrainFlags {
  readonly data: readonly string[];
  readonly exclude: readonly string[];
  readonly blur: BlurKind;
  readonly every: number | undefined;
  readonly validate: string | undefined;
  readonly validateEvery: number | undefined;
  readonly output: string;
  readonly resume: boolean;
  readonly preset: Preset | undefined;
  readonly init: string | undefined;
  readonly minutes: number | undefined;
  readonly device: TrainDevice;
  readonly precision: typeof PRECISIONS[number] | undefined;
  readonly seed: number;
  readonly checkpointMinutes: number | undefined;
  /** What differs from the preset, or from how a resumed run was trained so far. */
  readonly settings: Partial<TrainConfig>;
  readonly json: boolean;
  readonly quiet: boolean;
}

/**
 * Understands a command line.
 *
 * @returns `undefined` when help is wanted.
 * @throws {UsageError} naming the flag that cannot be understood and what was wanted.
 */
export function parseTrainFlags(args: readonly string[]): TrainFlags | undefined {
  const { values: flags, positionals } = parseFlags(spread(args, ["--data", "--exclude"]), FLAGS);
  if (flags.help === true) return undefined;
  if (positionals.length > 0) throw new UsageError(`Got "${positionals[0]}"; wanted it after --data`);
  if (flags.data === undefined) throw new UsageError("Nothing to learn from; wanted --data DIR...");
  if (flags.output === undefined) throw new UsageError("No folder for the run; wanted -o DIR");
  if (flags.steps !== undefined && flags.minutes !== undefined) {
    throw new UsageError("Got both --steps and --minutes; wanted one of them");
  }
  if (flags["validate-every"] !== undefined && flags.validate === undefined) {
    throw new UsageError("--validate-every does nothing here; wanted it with --validate DIR");
  }
  const stray = flags.resume ? BEGINNING.find((name) => flags[name] !== undefined) : undefined;
  if (stray !== undefined) {
    throw new UsageError(
      `--${stray} does nothing with --resume: a run goes on with what it was begun with; --init begins another`,
    );
  }
  const positive = (name: "minutes" | "checkpoint-minutes") =>
    numberFlag(`--${name}`, flags[name], "a number above 0", (n) => n > 0);
  return {
    data: flags.data,
    exclude: flags.exclude ?? [],
    blur: choiceFlag("--blur", flags.blur, ["blur", "blur_gamma"]) ?? "blur",
    every: countFlag("--every", flags.every),
    validate: flags.validate,
    validateEvery: countFlag("--validate-every", flags["validate-every"]),
    output: flags.output,
    resume: flags.resume ?? false,
    preset: choiceFlag("--preset", flags.preset, Object.keys(PRESETS).filter(isPreset)),
    init: flags.init,
    minutes: positive("minutes"),
    device: choiceFlag("--device", flags.device, ["tensorflow", "webgpu", "javascript"]) ?? "tensorflow",
    precision: choiceFlag("--precision", flags.precision, PRECISIONS),
    seed: numberFlag("--seed", flags.seed, "a whole number", Number.isSafeInteger) ?? 1,
    checkpointMinutes: positive("checkpoint-minutes"),
    settings: givenSettings(flags),
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
  };
}

/** The settings that are given. */
function givenSettings(flags: Flags): Partial<TrainConfig> {
  return Object.fromEntries(SETTING_NAMES.flatMap((name) => {
    const flag = flagOf(name) as keyof SettingFlags;
    const text = flags[flag];
    if (text === undefined) return [];
    const value = SETTINGS[name].parse(text);
    if (!SETTINGS[name].isRight(value)) {
      throw invalidFlag(`--${flag}`, text, SETTINGS[name].takes);
    }
    return [[name, value]];
  }));
}

/** The settings' lines of the help. */
function settingsHelp(): string {
  return SETTING_NAMES.map((name) => {
    const { value, help } = SETTINGS[name];
    const usual = trainConfig("fast")[name];
    const flag = `  --${flagOf(name)} ${value}`;
    return `${flag.length < 28 ? flag.padEnd(28) : `${flag}\n${" ".repeat(28)}`}${help} (fast: ${usual})`;
  }).join("\n");
}

/** `--data A B` as `--data A --data B`: parseArgs takes one value a flag. */
function spread(args: readonly string[], flags: readonly string[]): string[] {
  let flag: string | undefined;
  let values = 0;
  return args.flatMap((arg) => {
    if (arg.startsWith("-")) {
      flag = flags.find((name) => name === arg);
      values = 0;
      return [arg];
    }
    return flag !== undefined && values++ > 0 ? [flag, arg] : [arg];
  });
}
