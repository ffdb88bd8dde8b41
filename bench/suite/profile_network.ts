import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { exportOnnx } from "../../src/model/onnx/export_onnx.ts";
import { exportInt8 } from "../../src/model/onnx/int8/export_int8.ts";
import { readWeights } from "../../src/model/weights/weights.ts";

/** How {@linkcode profileNetwork} runs a network. */
export interface ProfileOptions {
  /** Pixels, a multiple of 16. */
  readonly width: number;
  /** Pixels, a multiple of 16. */
  readonly height: number;
  readonly pictures: number;
  readonly threads: number;
  readonly int8: boolean;
}

/** One run of one node of the graph. */
export interface NodeRun {
  readonly name: string;
  /** Its kind: "Conv". */
  readonly operator: string;
  readonly microseconds: number;
}

/** One event of ONNX Runtime's profile, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** Restores some pictures with the weights of a file on the processor, and returns what ONNX Runtime's own profile says of each node. */
export async function profileNetwork(file: string, options: ProfileOptions): Promise<NodeRun[]> {
  const folder = await mkdtemp(join(tmpdir(), "profile-"));
  try {
    return (await profile(file, folder, options))
      .filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"))
      .map(({ name, dur, args }) => ({ name, operator: args?.op_name ?? "?", microseconds: dur }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function profile(
  file: string,
  folder: string,
  { width, height, pictures, threads, int8 }: ProfileOptions,
): Promise<ProfileEvent[]> {
  const weights = await readWeights(file);
  const { calibration } = weights;
  if (int8 && !calibration) throw new TypeError(`${file} has no calibration`);
  const model = int8 && calibration ? exportInt8(weights, calibration) : exportOnnx(weights);
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
    logSeverityLevel: 4,
  });
  const bytes = new Uint8Array(3 * width * height).map((_, i) => i * 31);
  const picture = new ort.Tensor("uint8", bytes, [1, height, width, 3]);
  const vectors = new Float32Array(2 * width * height / 256);
  const flow = new ort.Tensor("float32", vectors, [1, height / 16, width / 16, 2]);
  const beside = weights.config.frames === 3
    ? { previous: picture, next: picture, previous_flow: flow, next_flow: flow }
    : {};
  const detail = new ort.Tensor("float32", [1], []);
  for (let i = 0; i < pictures; i++) await session.run({ picture, detail, ...beside });
  session.endProfiling();
  await session.release();
  const [name = ""] = await readdir(folder);
  return JSON.parse(await readFile(join(folder, name), "utf8")) as ProfileEvent[];
}
