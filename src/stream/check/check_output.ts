import type { MediaInfo } from "../../frame.ts";
import type { Verification } from "../verification.ts";
import { countDecodingFailures } from "./count_decoding_failures.ts";
import { type Differences, findDifferences, type MeantFile, type MeantSource } from "./find_differences.ts";
import { readFileFacts } from "./stream_facts.ts";

/** A finished file, and what it was meant to be. */
export interface CheckedOutput {
  /** Where it is. */
  readonly path: string;
  readonly video: MeantFile["video"];
  /** The file it is made from. @default {none: the output holds the pictures alone} */
  readonly source?: CheckedSource | undefined;
  readonly verify: Verification;
  /** Ends the check with its reason. */
  readonly signal?: AbortSignal;
}

/** The file that an output is made from, before anything is known of its packets. */
export interface CheckedSource extends Pick<MeantSource, "leftOut" | "converted" | "offset"> {
  readonly path: string;
  /** The part of it that is taken; all of it if absent. */
  readonly range: MediaInfo["range"] | undefined;
}

/**
 * Compares a finished video file with the one it is made from, by what the packets of both say, and decodes it where that is asked for.
 *
 * @throws {MediaError} if one of them cannot be read.
 */
export async function checkOutput(checked: CheckedOutput): Promise<Differences> {
  const { path, video, source, verify, signal } = checked;
  if (verify === "off") return { wrong: [], lost: [] };
  const written = await readFileFacts(path, signal);
  const facts = source && await readFileFacts(source.path, signal);
  const found = findDifferences(written, {
    video,
    ...(source && facts && { source: { ...source, facts, isPart: source.range !== undefined } }),
  });
  if (verify !== "decode") return found;
  const failures = await countDecodingFailures(path, signal);
  const wrong: string[] = [];
  for (const { index, name, packets } of written.streams) {
    const { frames, failed } = failures.get(index) ?? { frames: 0, failed: 0 };
    const count = video.mergedEnd === undefined ? video.frames : packets;
    if (index === written.video && frames !== count) {
      wrong.push(`Stream ${index} (${name}): ${frames} of its ${count} frames can be decoded`);
    } else if (failed > 0) wrong.push(`Stream ${index} (${name}): ${failed} packets cannot be decoded`);
  }
  return { wrong: [...found.wrong, ...wrong], lost: found.lost };
}
