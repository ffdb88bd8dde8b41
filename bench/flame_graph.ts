/**
 * Draws where the processor time of a whole job goes, as a flame graph. It needs `perf` of Linux (Debian: linux-perf), which also sees
 * native code and every thread. What perf cannot see, because the libraries come without names of their functions, is measured beside it:
 * ONNX Runtime's own profile, and decoding alone.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi --allow-run bench/flame_graph.ts [--clip FILE]
 *     [--seconds T] [--chart docs/flame_graph.svg]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process, { argv, execPath, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openMedia, shippedWeights } from "../mod.ts";
import { freePicture } from "../src/frame.ts";
import { PRESETS, sizeMultiple } from "../src/model/network/config.ts";
import { drawFlames } from "./suite/draw_flames.ts";
import { divide, foldStacks } from "./suite/fold_stacks.ts";
import { type NodeRun, profileNetwork } from "./suite/profile_network.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const HERTZ = 499;
/** For ONNX Runtime's profile. */
const PICTURES = 5;

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    clip: { type: "string", default: join(ROOT, "samples/spaniels.mp4") },
    seconds: { type: "string" },
    chart: { type: "string", default: join(ROOT, "docs/flame_graph.svg") },
  },
});
const range = values.seconds === undefined ? {} : { duration: Number(values.seconds) };

/** Runs perf, and returns what it prints. */
async function perf(...args: string[]): Promise<string> {
  const child = spawn("perf", args, { stdio: ["ignore", "pipe", "ignore"] });
  child.on("error", () => {}); // told below
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => said += chunk);
  const code = await once(child, "close").then(([status]) => status, () => "none");
  if (code !== 0) throw new Error(`perf ${args[0]} ended with ${code}. Install it (Debian: linux-perf)`);
  return said;
}

/** A whole job under perf, with the names of functions that V8 compiles. */
async function sampleJob(folder: string): Promise<string> {
  const [data, named] = [join(folder, "perf.data"), join(folder, "named.data")];
  const job = [
    "run",
    "--quiet",
    `--v8-flags=--perf-prof,--perf-prof-path=${folder},--logfile=${folder}/v8.log`,
  ];
  const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-ffi"];
  const output = ["-o", join(folder, "out.mp4"), "--everywhere", "--device", "cpu"];
  const length = values.seconds === undefined ? [] : ["--duration", values.seconds];
  const command = [join(ROOT, "cli.ts"), "deblur", values.clip, ...output, ...length];
  const sampling = ["-k", "mono", "-e", "cpu-clock", "-F", `${HERTZ}`, "-g", "-o", data];
  await perf("record", ...sampling, "--", execPath, ...job, ...permissions, ...command);
  await perf("inject", "--jit", "-i", data, "-o", named);
  return await perf("script", "-i", named, "-F", "comm,ip,sym,dso");
}

/** Seconds of processor time that decoding the clip to RGB takes, and what its pictures are like. */
async function measureDecoding() {
  await using source = await openMedia(values.clip, range);
  const before = process.cpuUsage();
  for await (const frame of source.frames) freePicture(frame);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, info: source.info };
}

/** Microseconds of the network by kind of node: of each node the least of some pictures, since its profile is of the clock. */
async function kindsOfNodes(width: number, height: number): Promise<Map<string, number>> {
  const multiple = sizeMultiple(PRESETS["fast-video"]);
  const whole = (side: number) => Math.ceil(side / multiple) * multiple;
  const runs = await profileNetwork(shippedWeights("fast-video"), {
    width: whole(width),
    height: whole(height),
    pictures: PICTURES,
    threads: availableParallelism(),
    int8: true,
  });
  const nodes = new Map<string, NodeRun>();
  for (const run of runs) {
    const least = nodes.get(run.name);
    if (least === undefined || run.microseconds < least.microseconds) nodes.set(run.name, run);
  }
  const kinds = new Map<string, number>();
  for (const { operator, microseconds } of nodes.values()) {
    kinds.set(operator, (kinds.get(operator) ?? 0) + microseconds);
  }
  return kinds;
}

const folder = await mkdtemp(join(tmpdir(), "flame-graph-"));
try {
  const flame = foldStacks(await sampleJob(folder), ROOT, HERTZ);
  const { seconds: decoding, info } = await measureDecoding();
  divide(flame, "ONNX Runtime", await kindsOfNodes(info.width, info.height));
  const ffmpeg = flame.below.get("FFmpeg's threads")?.below.get("FFmpeg");
  if (ffmpeg) {
    const encoding = Math.max(0, ffmpeg.seconds - decoding);
    divide(flame, "FFmpeg", new Map([["decoding, to RGB", decoding], ["from RGB, encoding", encoding]]));
  }
  const title = `Processor time of a whole job on ${info.width}x${info.height}, int8, ${
    cpus()[0]?.model.trim()
  }`;
  await writeFile(values.chart, drawFlames(title, flame));
  stdout.write(`${flame.seconds.toFixed(1)} s of processor time, drawn in ${values.chart}\n`);
} finally {
  await rm(folder, { recursive: true });
}
