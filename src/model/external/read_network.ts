import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { codeOf, messageOf, OptionError, WeightsError } from "../../errors.ts";
import { readWeights, type Weights } from "../weights/weights.ts";
import { CHANNEL_ORDERS, type ChannelOrder, type ExternalNetwork } from "./external_network.ts";

/** Options of {@linkcode readNetwork}. */
export interface ReadNetworkOptions {
  /** Order of the colours in pictures of a network of another project, which cannot be found out. @default {"rgb"} */
  readonly channels?: ChannelOrder;
  /** What messages call it. @default {its path} */
  readonly name?: string;
  /**
   * Side in pixels of the tiles that a TensorFlow.js graph of very many operations (MAXIM) is given: such a graph can be prepared for one
   * size only. @default {256}
   */
  readonly tile?: number;
}

/**
 * Reads a network: a `.safetensors` file of this project, or one of another project: an `.onnx` file, or a TensorFlow.js graph model
 * (its folder, or its `model.json`).
 *
 * @throws {WeightsError} if it is missing or damaged, or is no network that can be read.
 */
export async function readNetwork(
  path: string,
  options: ReadNetworkOptions = {},
): Promise<Weights | ExternalNetwork> {
  const { channels, tile = 256, name = path } = options;
  if (!(Number.isInteger(tile) && tile >= 1)) {
    throw new OptionError(`Cannot read a network with tile ${tile}: it must be a whole number of at least 1`);
  }
  if (channels !== undefined && !CHANNEL_ORDERS.includes(channels)) {
    throw new OptionError(
      `Cannot read a network with channels "${channels}": choose one of ${CHANNEL_ORDERS.join(", ")}`,
    );
  }
  const found = await findGraph(path);
  if (found === undefined) {
    if (channels !== undefined) {
      throw new OptionError(
        `${path} is a network of this project, whose pictures are RGB. Leave the order of channels out`,
      );
    }
    return await readWeights(path);
  }
  const { format, file } = found;
  return { path: name, format, file, channels: channels ?? "rgb", tile, sha256: await hashOf(file, name) };
}

type Found = Pick<ExternalNetwork, "format" | "file">;

async function findGraph(path: string): Promise<Found | undefined> {
  if (/\.onnx$/i.test(path)) return { format: "onnx", file: resolve(path) };
  if (/\.json$/i.test(path)) return { format: "tensorflowjs", file: resolve(path) };
  const isFolder = await stat(path).then((found) => found.isDirectory(), () => false);
  if (isFolder) return { format: "tensorflowjs", file: resolve(join(path, "model.json")) };
  const [, ending] = /\.(pth|pt|ckpt|pkl|h5|keras|pb|tflite|mlmodel|mlpackage|trt|engine)$/i.exec(path) ?? [];
  if (ending === undefined) return undefined;
  throw new WeightsError(
    path,
    `a .${ending} file is of a format that is not read here. Export the network as ONNX: docs/other-networks.md says how`,
  );
}

async function hashOf(file: string, path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash).catch((cause) => {
    const isMissing = codeOf(cause) === "ENOENT";
    const missing = file.endsWith("model.json")
      ? "no model.json of a TensorFlow.js graph model is there"
      : "no such file";
    throw new WeightsError(path, isMissing ? missing : `cannot be read (${messageOf(cause)})`, { cause });
  });
  return hash.digest("hex");
}
