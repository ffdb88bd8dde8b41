import type { InferenceSession } from "onnxruntime-node";
import { messageOf } from "../../errors.ts";
import { blankPicture } from "../../crop_picture.ts";
import { checkHalf } from "./check_half.ts";
import { exportOnnx } from "./export_onnx.ts";
import { exportInt8 } from "./int8/export_int8.ts";
import { multipliesBytes } from "./int8/multiplies_bytes.ts";
import { onnxFeeds, pictureTensor } from "./onnx_feeds.ts";
import type { NetworkInput } from "../restore/network_input.ts";
import type { LoadedNetwork, NetworkOptions, RestoredPictures } from "../restore/restore_picture.ts";
import type { Precision } from "../engine/engine.ts";
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
  const precision = await choosePrecision(runtime, request);
  const start = (model: Uint8Array) =>
    createSession(runtime, model, { device, threads, isSpare, multipliesBytes: precision === "int8" });
  const sessions = new Map<string, InferenceSession>();
  const session = async (depth: 8 | 16, branches: boolean) => {
    const key = `${depth} ${branches}`;
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const model = depth === 8 && !branches
      ? exportFor(request, precision)
      : exportOnnx({ config, tensors }, { depth, branches });
    const created = await start(model);
    sessions.set(key, created);
    return created;
  };
  const runIn: (session: InferenceSession) => LoadedNetwork["run"] = (session) => (input, options) =>
    run(runtime, session, input, options);
  if (precision === "float16") {
    const half = await session(8, false).catch((cause: Error) => {
      const why = messageOf(cause.cause ?? cause);
      throw new Error(`cannot compute with float16 (${why}). Use --precision float32`, { cause });
    });
    const exact = await start(exportOnnx({ config, tensors }));
    await checkHalf(runIn(half), runIn(exact), config);
    await exact.release();
  }
  await session(8, false);
  return {
    precision,
    async run(input, options) {
      const depth = input.picture.data instanceof Uint16Array ? 16 : 8;
      return await runIn(await session(depth, options.branches))(input, options);
    },
  };
}

/** What a network is computed with on the device. */
async function choosePrecision(
  runtime: Runtime,
  { device, precision = "auto", calibration }: OpenRequest,
): Promise<Precision> {
  if (precision === "float16") return precision;
  if (calibration === undefined || device !== "cpu" || precision === "float32") return "float32";
  return precision === "int8" || await multipliesBytes(runtime) ? "int8" : "float32";
}

/** The graph for pictures of 8 bits. */
function exportFor({ device, config, tensors, calibration }: OpenRequest, precision: Precision): Uint8Array {
  if (precision === "int8" && calibration) return exportInt8({ config, tensors }, calibration);
  const half = device === "cpu" ? "emulated float16" : "float16";
  return exportOnnx({ config, tensors }, { layers: precision === "float16" ? half : "float32" });
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
