import type { InferenceSession, Tensor } from "onnxruntime-node";
import { messageOf } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { blankPicture } from "../../crop_picture.ts";
import { type DeviceInfo, DEVICES } from "../engine/engine.ts";
import { exportOnnx, NEIGHBOURS } from "./export_onnx.ts";
import type { NetworkInput } from "../restore/network_input.ts";
import type { LoadedNetwork, NetworkOptions, RestoredPictures } from "../restore/restore_picture.ts";
import type { OpenRequest } from "../engine/worker_messages.ts";

type Runtime = typeof import("onnxruntime-node");

/**
 * Loads a network into ONNX Runtime, in this thread, which every run then blocks.
 *
 * @throws {Error} saying why the device cannot be used and what it takes.
 */
export async function loadOnnxNetwork(request: OpenRequest): Promise<LoadedNetwork> {
  const { device, config, tensors, threads, isSpare = false } = request;
  const { provider, requires }: DeviceInfo = DEVICES[device];
  if (provider === undefined) throw new Error("is not one of ONNX Runtime's");
  const runtime = await importRuntime();
  if (!runtime.listSupportedBackends().some(({ name }) => name === provider)) {
    throw new Error(`is not part of ONNX Runtime on this machine; it takes ${requires}`);
  }
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    enableCpuMemArena: !isSpare,
    enableMemPattern: false, // planning memory ahead took half as much again, for no speed that could be measured
    logSeverityLevel: 4, // what goes wrong is thrown; nothing is printed
  };
  const sessions = new Map<string, InferenceSession>();
  const session = async (depth: 8 | 16, branches: boolean) => {
    const key = `${depth} ${branches}`;
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const model = exportOnnx({ config, tensors }, { depth, branches });
    const created = await runtime.InferenceSession.create(model, options).catch((cause) => {
      const why = messageOf(cause);
      throw new Error(`ONNX Runtime cannot start (${why}); it takes ${requires}`, { cause });
    });
    sessions.set(key, created);
    return created;
  };
  await session(8, false);
  return {
    async run(input, options) {
      const depth = input.picture.data instanceof Uint16Array ? 16 : 8;
      return await run(runtime, await session(depth, options.branches), input, options);
    },
  };
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
  { Tensor }: Runtime,
  session: InferenceSession,
  { picture, neighbours }: NetworkInput,
  { detail }: NetworkOptions,
): Promise<RestoredPictures> {
  const tensor = ({ data, width, height }: Picture): Tensor =>
    data instanceof Uint16Array
      ? new Tensor("uint16", data, [1, height, width, 3])
      : new Tensor("uint8", data, [1, height, width, 3]);
  const image = blankPicture(picture, picture.width, picture.height);
  const others = Object.fromEntries(
    session.outputNames.filter((name) => name !== "image")
      .map((name) => [name, blankPicture(picture, picture.width, picture.height)]),
  );
  // Results are written straight into buffers of ours, which can be transferred.
  const outputs = Object.entries({ image, ...others }).map(([name, empty]) => [name, tensor(empty)] as const);
  const beside = neighbours.flatMap(({ moved, flow: { columns, rows, vectors } }, i) => [
    [NEIGHBOURS[i]?.picture, tensor(moved)],
    [NEIGHBOURS[i]?.flow, new Tensor("float32", vectors, [1, rows, columns, 2])],
  ]);
  const inputs = {
    picture: tensor(picture),
    detail: new Tensor("float32", Float32Array.of(detail), []),
    ...Object.fromEntries(beside),
  };
  await session.run(inputs, Object.fromEntries(outputs));
  return { image, ...others };
}
