import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Picture } from "../../frame.ts";
import { blankPicture } from "../../crop_picture.ts";
import { exportOnnx, NEIGHBOURS } from "./export_onnx.ts";
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
  const { device, config, tensors, threads, isSpare = false } = request;
  const runtime = await importRuntime(request);
  const sessions = new Map<string, InferenceSession>();
  const session = async (depth: 8 | 16, branches: boolean) => {
    const key = `${depth} ${branches}`;
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const model = exportOnnx({ config, tensors }, { depth, branches });
    const created = await createSession(runtime, model, { device, threads, isSpare });
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
