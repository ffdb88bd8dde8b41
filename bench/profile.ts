/**
 * Where a network's time goes on the processor: ONNX Runtime's own profile of some pictures, added up by kind of node.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi bench/profile.ts [WEIGHTS] [--size 1280x768]
 *     [--pictures 5] [--threads N] [--int8] [--nodes]
 */
import { availableParallelism, cpus } from "node:os";
import { argv, stdout } from "node:process";
import { parseArgs } from "node:util";
import { shippedWeights } from "../src/model/weights/shipped_weights.ts";
import { type NodeRun, profileNetwork } from "./suite/profile_network.ts";

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
const [pictures, threads] = [Number(values.pictures), Number(values.threads)];

function table(title: string, runs: readonly NodeRun[], keyOf: (run: NodeRun) => string): void {
  const rows = new Map<string, { count: number; sum: number }>();
  for (const run of runs) {
    const row = rows.get(keyOf(run)) ?? { count: 0, sum: 0 };
    rows.set(keyOf(run), { count: row.count + 1, sum: row.sum + run.microseconds });
  }
  const total = runs.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const perPicture = (microseconds: number) => (microseconds / 1000 / pictures).toFixed(1);
  stdout.write(`| ${title} | nodes | ms a picture | share |\n|---|---|---|---|\n`);
  for (const [key, { count, sum }] of [...rows].sort(([, a], [, b]) => b.sum - a.sum)) {
    const share = (100 * sum / total).toFixed(1);
    stdout.write(`| ${key} | ${count / pictures} | ${perPicture(sum)} | ${share} % |\n`);
  }
  stdout.write(`| all | ${runs.length / pictures} | ${perPicture(total)} | |\n\n`);
}

const runs = await profileNetwork(file, { width, height, pictures, threads, int8: values.int8 });
const machine = cpus()[0]?.model.trim();
stdout.write(`${machine}, ${threads} threads, ${width}x${height}, the same picture ${pictures} times\n\n`);
table("kind of node", runs, ({ operator }) => operator);
if (values.nodes) table("node", runs, ({ name, operator }) => `${operator} ${name}`);
