import { OptionError } from "../../errors.ts";
import type { ExternalNetwork } from "../external/external_network.ts";
import { isBearable } from "../weights/calibration.ts";
import type { Weights } from "../weights/weights.ts";
import type { PrecisionChoice } from "./engine.ts";

/** What an engine restores with. */
export interface Networks {
  readonly weights: Weights | ExternalNetwork;
  /** Restores what has no neighbour. */
  readonly alone?: Weights;
}

/**
 * What the networks of an engine can compute with: both with the same, so that a video is not restored in two ways. `int8` needs a
 * calibration of each; `auto` takes it only if each lost little. Whether the device suits remains to be seen.
 *
 * @returns A note where what was asked for by name cannot be had.
 * @throws {OptionError} if float16 is asked for of a network of another project.
 */
export function possiblePrecision(
  asked: PrecisionChoice,
  { weights, alone }: Networks,
): { readonly precision: PrecisionChoice; readonly note?: string } {
  if (asked === "float16" && !("config" in weights)) {
    throw new OptionError(
      `Cannot compute ${weights.path} with float16: networks of other projects are computed as they were made. Leave --precision out`,
    );
  }
  if (asked === "float32" || asked === "float16") return { precision: asked };
  const networks = [weights, ...(alone ? [alone] : [])];
  const calibrations = networks.map((network) => "config" in network ? network.calibration : undefined);
  const lacking = networks.find((_, i) => calibrations[i] === undefined);
  if (lacking === undefined) {
    const isWorse = asked === "auto" && calibrations.some((one) => one && !isBearable(one));
    return { precision: isWorse ? "float32" : asked };
  }
  return { precision: "float32", ...(asked === "int8" && { note: noteOf(lacking) }) };
}

function noteOf(lacking: Weights | ExternalNetwork): string {
  const { path } = lacking;
  if (!("config" in lacking)) return `${path} is of another project: it is not computed with int8`;
  const what = `${path} has no calibration: computing with float32 instead of int8`;
  return `${what}. Make one with "deno task calibrate ${path} --data DIR"`;
}
