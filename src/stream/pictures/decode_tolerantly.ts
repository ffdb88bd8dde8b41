import type { Buffer } from "node:buffer";
import type { OutputInfo, Sharp } from "sharp";
import { MediaError } from "../../errors.ts";

/** From which faults on sharp refuses a picture. */
export type FailOn = "warning" | "none";

/** What sharp made of a picture that may be damaged. */
export interface ToleratedPicture {
  readonly data: Buffer;
  readonly info: OutputInfo;
  /** What it could be decoded with. */
  readonly failOn: FailOn;
  /** What is wrong with it, in one line. */
  readonly damage?: string;
}

/** Faults that change no sample. */
const HARMLESS =
  /extraneous bytes before marker|Invalid SOS parameters|unknown JFIF revision|Unknown Adobe color transform/;

/**
 * Decodes a picture strictly, and if that fails as far as it goes, like a viewer.
 *
 * @param make Made once for each way to decode; must pass `failOn` on.
 * @throws {MediaError} if nothing can be decoded.
 */
export async function decodeTolerantly(
  path: string,
  make: (failOn: FailOn) => Sharp,
): Promise<ToleratedPicture> {
  try {
    return { ...await make("warning").toBuffer({ resolveWithObject: true }), failOn: "warning" };
  } catch (error) {
    const first = firstLine(error);
    const warnings: string[] = [];
    const lenient = make("none").on("warning", (warning: string) => warnings.push(warning));
    const decoded = await lenient.toBuffer({ resolveWithObject: true }).catch((cause) => {
      throw new MediaError(path, `The picture is damaged: ${first}. Use a complete one`, { cause });
    });
    // libjpeg counts all faults, but names the first alone: another one may hide behind it.
    const count = Number(/gave (\d+) warning/.exec(warnings.join("\n"))?.[1] ?? Infinity);
    const isHarmless = HARMLESS.test(first) && count === 1;
    return { ...decoded, failOn: "none", ...(!isHarmless && { damage: `The picture is damaged: ${first}` }) };
  }
}

/** What sharp says is wrong, of which it often says more. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? "";
}
