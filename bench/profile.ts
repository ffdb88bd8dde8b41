/**
 * Where a network's time goes on the processor: ONNX Runtime's own profile of some pictures, added up by kind of node.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi bench/profile.ts [WEIGHTS] [--size 1280x768]
 *     [--pictures 5] [--threads N] [--int8] [--nodes]
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { parseArgs } from "node:util";
import ort from "onnxruntime-node";
import { exportOnnx } from "../src/model/onnx/export_onnx.ts";
import { exportInt8 } from "../src/model/onnx/int8/export_int8.ts";
import { shippedWeights } from "../src/model/weights/shipped_weights.ts";
import { readWeights } from "../src/model/weights/weights.ts";

const { values, positionals: [file = shippedWeights("fast-video")] } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    size: { type: "string", default: "1280x768" },
    pictures: { type: "string", default: "5" },
    threads: { type: "string", default: `${availableParallelism()}` },
    int8: { type: "boolean", default: false },
    nodes: { type: "boolean", default: false },
  },
});
const [width = 1280, height = 768] = values.size.split("x").map(Number);
const pictures = Number(values.pictures);

/** One event of the profile, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

async function profile(folder: string): Promise<ProfileEvent[]> {
  const weights = await readWeights(file);
  const { calibration } = weights;
  if (values.int8 && !calibration) throw new TypeError(`${file} has no calibration`);
  const model = values.int8 && calibration ? exportInt8(weights, calibration) : exportOnnx(weights);
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: Number(values.threads),
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
    logSeverityLevel: 4,
  });
  const picture = new ort.Tensor("uint8", new Uint8Array(3 * width * height).map((_, i) => i * 31), [
    1,
    height,
    width,
    3,
  ]);
  const flow = new ort.Tensor("float32", new Float32Array(2 * width * height / 256), [
    1,
    height / 16,
    width / 16,
    2,
  ]);
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

function table(title: string, events: readonly ProfileEvent[], keyOf: (event: ProfileEvent) => string): void {
  const rows = new Map<string, { count: number; microseconds: number }>();
  for (const event of events) {
    const row = rows.get(keyOf(event)) ?? { count: 0, microseconds: 0 };
    rows.set(keyOf(event), { count: row.count + 1, microseconds: row.microseconds + event.dur });
  }
  const total = events.reduce((sum, { dur }) => sum + dur, 0);
  stdout.write(`| ${title} | nodes | ms a picture | share |\n|---|---|---|---|\n`);
  for (
    const [key, { count, microseconds }] of [...rows].sort(([, a], [, b]) => b.microseconds - a.microseconds)
  ) {
    stdout.write(
      `| ${key} | ${count / pictures} | ${(microseconds / 1000 / pictures).toFixed(1)} | ${
        (100 * microseconds / total).toFixed(1)
      } % |\n`,
    );
  }
  stdout.write(`| all | ${events.length / pictures} | ${(total / 1000 / pictures).toFixed(1)} | |\n\n`);
}

const folder = await mkdtemp(join(tmpdir(), "profile-"));
try {
  const events = (await profile(folder)).filter(({ cat, name }) =>
    cat === "Node" && name.endsWith("_kernel_time")
  );
  stdout.write(
    `${
      cpus()[0]?.model.trim()
    }, ${values.threads} threads, ${width}x${height}, the same picture ${pictures} times\n\n`,
  );
  table("kind of node", events, ({ args }) => args?.op_name ?? "?");
  if (values.nodes) table("node", events, ({ name, args }) => `${args?.op_name} ${name}`);
} finally {
  await rm(folder, { recursive: true });
}
