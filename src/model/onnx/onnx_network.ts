import type { InferenceSession } from "onnxruntime-node";
import { messageOf } from "../../errors.ts";
import { blankPicture } from "../../crop_picture.ts";
import { type DeviceInfo, DEVICES } from "../engine/engine.ts";
import { exportOnnx } from "./export_onnx.ts";
import { exportInt8 } from "./int8/export_int8.ts";
import { multipliesBytes } from "./int8/multiplies_bytes.ts";
import { onnxFeeds, pictureTensor } from "./onnx_feeds.ts";
import type { NetworkInput } from "../restore/network_input.ts";
import type { LoadedNetwork, NetworkOptions, RestoredPictures } from "../restore/restore_picture.ts";
import { isBearable } from "../weights/calibration.ts";
import type { OpenRequest } from "../engine/worker_messages.ts";

type Runtime = typeof import("onnxruntime-node");

/**
 * Loads a network into ONNX Runtime, in this thread, which every run then blocks.
 *
 * @throws {Error} saying why the device cannot be used and what it takes.
 */
export async function loadOnnxNetwork(request: OpenRequest): Promise<LoadedNetwork> {
  const { device, config, tensors, calibration, threads, isSpare = false } = request;
  const { provider, requires }: DeviceInfo = DEVICES[device];
  if (provider === undefined) throw new Error("is not one of ONNX Runtime's");
  const runtime = await importRuntime();
  if (!runtime.listSupportedBackends().some(({ name }) => name === provider)) {
    throw new Error(`is not part of ONNX Runtime on this machine; it takes ${requires}`);
  }
  const inBytes = await computesWithBytes(runtime, request) ? calibration : undefined;
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    enableCpuMemArena: !isSpare,
    enableMemPattern: false, // planning memory ahead took half as much again, for no speed that could be measured
    logSeverityLevel: 4, // what goes wrong is thrown; nothing is printed
    // Without instructions for bytes, products of them are added in 16 bits, and overflow, unless this is set.
    ...(inBytes && { extra: { session: { x64quantprecision: "1" } } }),
  };
  const sessions = new Map<string, InferenceSession>();
  const session = async (depth: 8 | 16, branches: boolean) => {
    const key = `${depth} ${branches}`;
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const model = inBytes && depth === 8 && !branches
      ? exportInt8({ config, tensors }, inBytes)
      : exportOnnx({ config, tensors }, { depth, branches });
    const created = await runtime.InferenceSession.create(model, options).catch((cause) => {
      const why = messageOf(cause);
      throw new Error(`ONNX Runtime cannot start (${why}); it takes ${requires}`, { cause });
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
  return precision === "int8" || isBearable(calibration) && await multipliesBytes(runtime);
}

async function importRuntime(): Promise<Runtime> {
  const { default: runtime } = await import("onnxruntime-node").catch((cause) => {
    const why = messageOf(cause);
    throw new Error(`ONNX Runtime cannot be loaded here (${why}); "wasm" runs anywhere`, { cause });
  });
  runtime.env.logLevel = "fatal";
  return runtime;
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
