/**
 * How fast this project's networks are beside others, in one run: see {@linkcode HELP}.
 *
 * deno task bench [--json]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { parseArgs } from "node:util";
import { type Device, isDevice } from "../mod.ts";
import { textTable } from "../src/cli/format_text.ts";
import { drawBars } from "./suite/draw_bars.ts";
import { samplePair } from "./suite/frames.ts";
import { interleave, type Timing } from "./suite/interleave.ts";
import { type JobRun, timeJob } from "./suite/job.ts";
import { benchNetworks, type BenchRow, openRow } from "./suite/networks.ts";
import { matrixProduct, PRODUCT_FLOPS } from "./suite/peak.ts";

const HELP = `Speed of the networks beside others, by turns in one run

  deno task bench [NETWORK...] [options]

Each network restores the same picture, the middle of a frame of the sample, by turns with the others and with a plain product of matrices,
the machine's measured peak. NAFNet-32 and SRN have random weights of their published shapes: only their speed means anything.

  --device NAME   Device of this project's presets; can be repeated (default cpu). The others run on cpu
  --side N        Side of the picture in pixels (default 256)
  --rounds N      Runs of each that count (default 5); one of which a run takes over 20 s is run once
  --threads N     Threads on cpu (default all)
  --seconds T     Part of the sample that a whole job restores (default 0.4; 0 for none)
  --maxim         MAXIM too, with its real weights, which Deno downloads if they are not in its cache; takes minutes
  --no-growth     Leave out how the speed of fast grows with size, threads and length
  --chart FILE    Draw the speeds as an SVG picture
  --json          Print {rows: [{name, device, kmacPerPixel, megapixelsPerSecond, shareOfPeak, gainDb?}], run: {ratioToEngine}, growth}
`;

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    device: { type: "string", multiple: true, default: ["cpu"] },
    side: { type: "string", default: "256" },
    rounds: { type: "string", default: "5" },
    threads: { type: "string", default: `${availableParallelism()}` },
    seconds: { type: "string", default: "0.4" },
    maxim: { type: "boolean", default: false },
    "no-growth": { type: "boolean", default: false },
    chart: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const threads = Number(values.threads);

interface Row {
  readonly name: string;
  readonly device: Device;
  readonly kmacPerPixel: number;
  /** Of the fastest run. */
  readonly megapixelsPerSecond: number;
  /** Of the median run. */
  readonly medianMegapixelsPerSecond: number;
  readonly shareOfPeak: number;
  readonly gainDb?: number;
}

async function measure(folder: string) {
  const side = Number(values.side);
  const networks = await benchNetworks(folder, { maxim: values.maxim, names: positionals });
  await using opened = new AsyncDisposableStack();
  const pair = { ...await samplePair(side), threads };
  const rows: BenchRow[] = [];
  for (const network of networks) {
    const devices = typeof network.weights === "string" && network.weights.endsWith(".safetensors")
      ? values.device.filter(isDevice)
      : ["cpu" as const];
    for (const device of devices) rows.push(opened.use(await openRow(network, device, pair)));
  }
  const peak = opened.use(await matrixProduct(threads));
  const timings = await interleave([peak, ...rows], { rounds: Number(values.rounds), seconds: 20 });
  const flops = PRODUCT_FLOPS / (timings.get(peak.name)?.min ?? NaN);
  const { width, height } = pair.blurry;
  return { flops, rows: rows.map((row) => describe(row, timings.get(row.name), width * height, flops)) };
}

function describe(
  { network, device, gainDb }: BenchRow,
  timing: Timing | undefined,
  pixels: number,
  flops: number,
): Row {
  const { name, kmacPerPixel } = network;
  const gain = gainDb();
  const { min = NaN, median = NaN } = timing ?? {};
  return {
    name,
    device,
    kmacPerPixel,
    megapixelsPerSecond: pixels / 1e6 / min,
    medianMegapixelsPerSecond: pixels / 1e6 / median,
    shareOfPeak: 2000 * kmacPerPixel * pixels / min / flops,
    ...(gain !== undefined && { gainDb: gain }),
  };
}

/** How the speed of `fast` on cpu changes with one thing, by turns. */
async function growth(folder: string) {
  const [network] = await benchNetworks(folder, { maxim: false, names: ["fast"] });
  if (network === undefined) return undefined;
  await using opened = new AsyncDisposableStack();
  const side = Number(values.side);
  const open = async (name: string, side: number, threads: number) => {
    const pair = await samplePair(side);
    const row = opened.use(await openRow(network, "cpu", { ...pair, threads }));
    return { name, run: () => row.run(), pixels: pair.blurry.width * pair.blurry.height };
  };
  const sizes = await Promise.all(
    [side / 2, side, 2 * side].map((side) => open(`side ${side}`, side, threads)),
  );
  const counts = [...new Set([1, threads])];
  const byThreads = await Promise.all(counts.map((count) => open(`${count} threads`, side, count)));
  const all = [...sizes, ...byThreads];
  const timings = await interleave(all, { rounds: Number(values.rounds), seconds: 20 });
  return Object.fromEntries(
    all.map(({ name, pixels }) => [name, pixels / 1e6 / (timings.get(name)?.min ?? NaN)]),
  );
}

function table(rows: readonly Row[], flops: number): string {
  const cells = rows.map((row) => [
    `${row.name}, ${row.device}`,
    row.kmacPerPixel.toFixed(0),
    row.megapixelsPerSecond.toPrecision(3),
    row.medianMegapixelsPerSecond.toPrecision(3),
    `${(100 * row.shareOfPeak).toFixed(0)} %`,
    row.gainDb === undefined ? "-" : row.gainDb.toFixed(2),
  ]);
  const titles = ["network, device", "kMAC/pixel", "MP/s", "median", "of peak", "gain, dB"];
  return `${textTable([titles, ...cells])}peak: ${(flops / 1e9).toFixed(0)} GFLOP/s, a product of matrices\n`;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mtdn-bench-"));
  try {
    const { rows, flops } = await measure(folder);
    const seconds = Number(values.seconds);
    const jobs: JobRun[] = [];
    const isGrown = !values["no-growth"];
    for (const part of seconds > 0 ? [...(isGrown ? [seconds / 2] : []), seconds] : []) {
      jobs.push(await timeJob(join(folder, "job.mp4"), { seconds: part, threads }));
    }
    const run = jobs.at(-1);
    const grown = isGrown ? { ...await growth(folder), jobs } : undefined;
    if (values.chart !== undefined) {
      const bars = rows.toSorted((a, b) => b.megapixelsPerSecond - a.megapixelsPerSecond).map((row) => ({
        label: `${row.name}, ${row.device}`,
        value: row.megapixelsPerSecond,
        text: `${row.megapixelsPerSecond.toPrecision(2)} MP/s`,
      }));
      await writeFile(
        values.chart,
        drawBars(`Megapixels a second, ${threads} threads of ${cpus()[0]?.model.trim()}`, bars),
      );
    }
    if (values.json) return void stdout.write(`${JSON.stringify({ rows, run, growth: grown })}\n`);
    stdout.write(table(rows, flops));
    if (run) {
      stdout.write(
        `whole job: ${run.ratioToEngine.toFixed(2)} times the engine alone, ${run.frames} frames\n`,
      );
    }
    if (grown) stdout.write(`growth of fast: ${JSON.stringify(grown)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (values.help) stdout.write(HELP);
else await main();
