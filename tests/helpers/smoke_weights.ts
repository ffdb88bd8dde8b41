import { writeFile } from "node:fs/promises";
import { type NetworkConfig, PRESETS } from "../../src/model/network/config.ts";
import { serializeWeights } from "../../src/model/weights/weights.ts";
import { randomWeights } from "./random_weights.ts";

/** Writes random weights of a small network. Returns `path`. */
export async function writeSmokeWeights(
  path: string,
  config: NetworkConfig = PRESETS.smoke,
): Promise<string> {
  await writeFile(path, serializeWeights(randomWeights(config)));
  return path;
}
