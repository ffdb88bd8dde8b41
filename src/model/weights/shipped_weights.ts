import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { WeightsError } from "../../errors.ts";
import { isPreset, type Preset, PRESETS } from "../network/config.ts";

/** Presets for which trained weights come with this project. */
export function shippedPresets(): Preset[] {
  return Object.keys(PRESETS).filter(isPreset).filter((preset) => existsSync(pathOf(preset)));
}

/**
 * Path of the trained weights that come with this project for a preset.
 *
 * @throws {RangeError} if there is no such preset.
 * @throws {WeightsError} if none are shipped for it: which presets have them, and how to train this one.
 */
export function shippedWeights(preset: string): string {
  if (!isPreset(preset)) {
    throw new RangeError(`There is no preset "${preset}". Use one of ${Object.keys(PRESETS).join(", ")}`);
  }
  const path = pathOf(preset);
  if (existsSync(path)) return path;
  const shipped = shippedPresets().join(", ") || "none";
  throw new WeightsError(
    path,
    `no weights are shipped for preset "${preset}" (shipped: ${shipped}); train it with ` +
      `"deno task train --preset ${preset} --data DIR -o DIR" and pass the result with --weights`,
  );
}

function pathOf(preset: Preset): string {
  return fileURLToPath(new URL(`../../../weights/${preset}.safetensors`, import.meta.url));
}
