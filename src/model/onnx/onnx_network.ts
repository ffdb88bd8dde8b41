import type { InferenceSession } from "onnxruntime-node";
import { blankPicture } from "../../crop_picture.ts";
import { exportOnnx } from "./export_onnx.ts";
import { exportInt8 } from "./int8/export_int8.ts";
import { multipliesBytes } from "./int8/multiplies_bytes.ts";
import { onnxFeeds, pictureTensor } from "./onnx_feeds.ts";
import type { NetworkInput } from "../restore/network_input.ts";
import type { LoadedNetwork, NetworkOptions, RestoredPictures } from "../restore/restore_picture.ts";
import type { OpenRequest } from "../engine/worker_messages.ts";
import { createSession, importRuntime, type Runtime } from "./onnx_runtime.ts";

/**
 * Loads a network into ONNX Runtime, in this thread, which every run then blocks.
 *
 * @throws {Error} saying why the device cannot be used and what it takes.
 */
export async function loadOnnxNetwork(request: OpenRequest): Promise<LoadedNetwork> {
  const { device, config, tensors, calibration, threads, isSpare = false } = request;
  const runtime = await importRuntime(request);
  const inBytes = await computesWithBytes(runtime, request) ? calibration : undefined;
  const sessions = new Map<string, InferenceSession>();
  const session = async (depth: 8 | 16, branches: boolean) => {
    const key = `${depth} ${branches}`;
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const model = inBytes && depth === 8 && !branches
      ? exportInt8({ config, tensors }, inBytes)
      : exportOnnx({ config, tensors }, { depth, branches });
    const created = await createSession(runtime, model, {
      device,
      threads,
      isSpare,
      multipliesBytes: inBytes !== undefined,
    });
    sessions.set(key, created);
    return created;
  };
  await session(8, false);
  return {
    precision: inBytes ? "int8" : "float32",
    async run(input, options) {
      const depth = input.picture.data instanceof Uint16Array ? 16 : 8;
      return await run(runtime, await session(depth, options.branches), input, options);
    },
  };
}

/** Whether a network is to compute with bytes, and can. */
async function computesWithBytes(
  runtime: Runtime,
  { device, precision, calibration }: OpenRequest,
): Promise<boolean> {
  if (calibration === undefined || device !== "cpu" || precision === "float32") return false;
  return precision === "int8" || await multipliesBytes(runtime);
}

async function run(
  runtime: Runtime,
  session: InferenceSession,
  input: NetworkInput,
  { detail }: NetworkOptions,
): Promise<RestoredPictures> {
  const { picture } = input;
  const image = blankPicture(picture, picture.width, picture.height);
  const others = Object.fromEntries(
    session.outputNames.filter((name) => name !== "image")
      .map((name) => [name, blankPicture(picture, picture.width, picture.height)]),
  );
  // Results are written straight into buffers of ours, which can be transferred.
  const outputs = Object.entries({ image, ...others })
    .map(([name, empty]) => [name, pictureTensor(runtime, empty)] as const);
  await session.run(onnxFeeds(runtime, input, detail), Object.fromEntries(outputs));
  return { image, ...others };
}
