import { OptionError } from "../../errors.ts";
import { createRandom } from "../random.ts";
import { checkSettings, invalidSetting, type Range } from "../setting.ts";
import type { ExposureRecipe } from "./exposure.ts";
import { SYNTH_DEFAULTS, SYNTH_SETTINGS, type SynthSettings } from "./synth_options.ts";

/** Numbers of frames in the GoPro dataset. */
const GOPRO_FRAMES = [7, 9, 11, 13];

/** Settings that mode gopro ignores. */
const REALISTIC_ONLY = ["gap", "gamma", "jpeg", "h264"] as const;

/** Draws the recipes of the pairs of one source. */
export class RecipeSource {
  readonly #settings: typeof SYNTH_DEFAULTS & Partial<SynthSettings>;
  readonly #key: string;
  readonly #choices: readonly number[];
  readonly #goproFrames: number;
  readonly #crf: number | undefined;

  /**
   * Creates the recipes of one source.
   *
   * @param source Name of the source in this run.
   * @throws {OptionError} if a setting is not valid, or not with the mode.
   */
  constructor(given: Partial<SynthSettings>, source: string) {
    checkGiven(given);
    const settings = { ...SYNTH_DEFAULTS, ...given };
    this.#settings = settings;
    this.#key = `${settings.seed}/${source}`;
    this.#choices = frameChoices(settings);
    this.#goproFrames = pick(this.#choices, createRandom(this.#key));
    this.#crf = settings.h264 && drawFrom(settings.h264, createRandom(this.#key, "h264"));
  }

  /** Constant rate factor of H.264, one for the whole source; absent if its pictures are not compressed. */
  get crf(): number | undefined {
    return this.#crf;
  }

  /** Frames of every exposure in `gopro` mode: one number for the whole source. */
  get goproFrames(): number {
    return this.#goproFrames;
  }

  /** The recipe of pair `index`, and how many frames to skip after it. */
  next(index: number): { readonly recipe: ExposureRecipe; readonly gap: number } {
    const { mode, gamma, jpeg, gap } = this.#settings;
    if (mode === "gopro") {
      const averages = [{ folder: "blur", gamma: "none" }, { folder: "blur_gamma", gamma: "2.2" }] as const;
      return { recipe: { frames: this.#goproFrames, averages, saturation: 1 }, gap: 0 };
    }
    const random = createRandom(this.#key, index);
    const recipe: ExposureRecipe = {
      frames: pick(this.#choices, random),
      averages: [{ folder: "blur", gamma }],
      saturation: random() < 0.5 ? 1 : 1 + 2 * random(),
      noise: { read: 1.2 * random(), shot: 1.6 * random(), seed: `${this.#key}/${index}/noise` },
      ...(jpeg !== undefined && { jpeg }),
      ...(this.#crf !== undefined && { h264: this.#crf }),
    };
    return { recipe, gap: drawFrom(gap, random) };
  }
}

function checkGiven(given: Partial<SynthSettings>): void {
  const present = Object.entries(SYNTH_SETTINGS).filter(([name]) => name in given);
  checkSettings(Object.fromEntries(present), { ...given });
  if (given.jpeg !== undefined && given.h264 !== undefined) {
    throw new OptionError("Both jpeg and h264 are given. Give one of them");
  }
  if ((given.mode ?? SYNTH_DEFAULTS.mode) === "realistic") return;
  // GoPro's recipe has a mean of gamma 2.2, beside the plain one.
  const useless = REALISTIC_ONLY.find((name) => given[name] !== undefined && given[name] !== "2.2");
  if (useless !== undefined) {
    throw new OptionError(`${useless} does nothing in mode gopro. Leave it out, or use mode realistic`);
  }
}

function drawFrom({ least, most }: Range, random: () => number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function frameChoices({ mode, frames }: Pick<SynthSettings, "mode" | "frames">): number[] {
  const choices: number[] = [];
  for (let n = frames.least | 1; n <= frames.most; n += 2) {
    if (mode !== "gopro" || GOPRO_FRAMES.includes(n)) choices.push(n);
  }
  if (choices.length > 0) return choices;
  const expected = mode === "gopro"
    ? "a range with 7, 9, 11 or 13 in it, the numbers of the published recipe"
    : "a range with an odd number in it, so that there is a middle frame";
  throw invalidSetting("frames", frames, expected);
}

function pick(choices: readonly number[], random: () => number): number {
  return choices[Math.floor(random() * choices.length)] as number;
}
