import { isPreset, type Preset, PRESETS, UsageError } from "../../../mod.ts";
import { type TrainConfig, trainConfig } from "../../train/config.ts";
import { settingText } from "../../train/setting.ts";
import { PRECISIONS, type SettingName, SETTINGS } from "../../train/settings.ts";
import type { BlurKind } from "../../train/data/pair_files.ts";
import type { TrainDevice } from "../../train/tensorflow/tensorflow.ts";
import { choiceFlag, countFlag, numberFlag, parseFlags } from "../flags.ts";
import { givenSettings, settingFlags, settingsHelp } from "../setting_flags.ts";

/** What `deno task train --help` prints. */
export const TRAIN_HELP = `Train or fine-tune a network on pairs, photos and videos

  deno task train --data DIR... [--preset fast] [--steps N|--minutes N] -o DIR
  deno task train --data DIR... --init WEIGHTS -o DIR
  deno task train --data DIR... --resume -o DIR

Folders with blur/ (or blur_gamma/) and sharp/ in them (GoPro's layout, at any depth) are pairs, in PNG or WebP; everything else in
such a folder is skipped. All other photos and videos are used as sharp pictures, on which blur is synthesised. All pictures are
decoded before training starts. For a network of three frames (-video), pairs of one folder with consecutive numbers at the end of
their names are neighbouring frames. The folder of the run gets checkpoint.safetensors, weights.safetensors (for --weights of
the other commands), metrics.jsonl, curve.svg, data.txt, tensorboard/ (curves for TensorBoard), and with --validate
best.safetensors and grid-STEP.png (blurry, down, up, result, sharp). Ctrl-C saves a checkpoint.

  --data DIR...             Training data: folders, or single photos and videos
  --exclude FILE...         Pictures and videos in it to exclude, by path or name
  --blur blur|blur_gamma    Blurry pictures of pairs: plain means of frames, or means in linear light (default blur)
  --every N                 Use every n-th frame of videos (default: two per second)
  --validate DIR            Pairs to measure on, which must not be in the training data
  --validate-every N        Steps between measurements (default 1000; 20 for smoke)
  -o, --output DIR          Folder of the run; it must be new, except with --resume
  --resume                  Continue from the checkpoint in that folder.
                            Fixed for the whole run: --preset, --init, --seed, --loss.
                            Kept unless given: --steps or --minutes (more of them continue a finished run), --precision, and
                            the settings from --batch to --revive-every.
                            Must be given again, the same: --data, --exclude, --blur, --every.
                            Not kept: --validate, --validate-every, --device, --checkpoint-minutes

  --preset ${Object.keys(PRESETS).join("|")}
                            Network and training settings (default fast, or that of --init)
  --init WEIGHTS            Start from trained weights, of the same network or of one that sees another number of frames or
                            has fewer residual blocks. The learning rate is then a fifth of the preset's, and --validate measures
                            these weights first, so that best.safetensors is never worse
  --minutes N               Length of the run in minutes instead of steps; the learning rate then follows the time
  --device tensorflow|webgpu|javascript
                            What runs the training (default tensorflow; deno task setup:tensorflow builds it)
  --precision auto|bfloat16|float32
                            Type of convolutions on tensorflow; weights are always float32 (default auto: the faster one)
  --seed N                  Seed of all random numbers (default 1)
  --checkpoint-minutes N    Minutes between checkpoints (default 5)

${settingsHelp(SETTINGS, 28, defaultOf)}
  --json                    Print the result as JSON
  --quiet                   Print errors only
`;

const FLAGS = {
  ...settingFlags(SETTINGS),
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

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** Flags that are fixed when a run begins. */
const FIXED = ["preset", "init", "seed", "loss"] as const satisfies readonly (keyof Flags)[];

/** The parsed command line of `deno task train`. */
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
  /** Settings that differ from the preset, or from those of the resumed run. */
  readonly settings: Partial<TrainConfig>;
  readonly json: boolean;
  readonly quiet: boolean;
}

/**
 * Parses the command line of `deno task train`.
 *
 * @returns `undefined` for `--help`.
 * @throws {UsageError} naming the flag that is not valid, or missing.
 */
export function parseTrainFlags(args: readonly string[]): TrainFlags | undefined {
  const { values: flags, positionals } = parseFlags(spread(args, ["--data", "--exclude"]), FLAGS);
  if (flags.help === true) return undefined;
  if (positionals.length > 0) {
    throw new UsageError(`Unexpected argument "${positionals[0]}": training data follows --data`);
  }
  if (flags.data === undefined) throw new UsageError("No training data: add --data DIR...");
  if (flags.output === undefined) throw new UsageError("No folder for the run: add -o DIR");
  if (flags.steps !== undefined && flags.minutes !== undefined) {
    throw new UsageError("Both --steps and --minutes are given. Give one of them");
  }
  if (flags["validate-every"] !== undefined && flags.validate === undefined) {
    throw new UsageError("--validate-every does nothing without --validate DIR. Leave it out");
  }
  const useless = flags.resume ? FIXED.find((name) => flags[name] !== undefined) : undefined;
  if (useless !== undefined) {
    const why = "which continues the run as it was begun";
    throw new UsageError(
      `--${useless} does nothing with --resume, ${why}. Leave it out, or begin another run with --init`,
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
    settings: givenSettings(SETTINGS, flags),
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
  };
}

function defaultOf(name: string): string {
  return `fast: ${settingText(trainConfig("fast")[name as SettingName])}`;
}

/** Turns `--data A B` into `--data A --data B`: parseArgs takes one value per flag. */
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
