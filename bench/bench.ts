/**
 * How fast this project's networks are beside others, in one run: see {@linkcode HELP}.
 *
 * deno task bench [--json]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process, { argv, stderr, stdout } from "node:process";
import type { Device } from "../mod.ts";
import { choiceFlag, countFlag, numberFlag, parseFlags } from "../src/cli/flags.ts";
import { textTable } from "../src/cli/format_text.ts";
import { errorText, UsageError } from "../src/errors.ts";
import { DEVICE_NAMES } from "../src/model/engine/engine.ts";
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

const FLAGS = {
  device: { type: "string", multiple: true },
  side: { type: "string" },
  rounds: { type: "string" },
  threads: { type: "string" },
  seconds: { type: "string" },
  maxim: { type: "boolean" },
  "no-growth": { type: "boolean" },
  chart: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
/** Half of it is restored too where growth is measured. */
const LEAST_SIDE = 16;

/** @throws {UsageError} naming the flag that is not valid. */
function readSettings() {
  const { values: flags, positionals: names } = parseFlags(argv.slice(2), FLAGS);
  return {
    names,
    devices: (flags.device ?? ["cpu"]).map((name) => choiceFlag("--device", name, DEVICE_NAMES) ?? "cpu"),
    side: countFlag("--side", flags.side, LEAST_SIDE) ?? 256,
    rounds: countFlag("--rounds", flags.rounds) ?? 5,
    threads: countFlag("--threads", flags.threads) ?? availableParallelism(),
    seconds: numberFlag("--seconds", flags.seconds, "seconds of at least 0", (n) => n >= 0) ?? 0.4,
    maxim: flags.maxim === true,
    isGrown: flags["no-growth"] !== true,
    chart: flags.chart,
    json: flags.json === true,
    help: flags.help === true,
  };
}

type Settings = ReturnType<typeof readSettings>;

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

async function measure(folder: string, { side, rounds, threads, devices: own, ...chosen }: Settings) {
  const networks = await benchNetworks(folder, chosen);
  await using opened = new AsyncDisposableStack();
  const pair = { ...await samplePair(side), threads };
  const rows: BenchRow[] = [];
  for (const network of networks) {
    const devices = typeof network.weights === "string" && network.weights.endsWith(".safetensors")
      ? own
      : ["cpu" as const];
    for (const device of devices) rows.push(opened.use(await openRow(network, device, pair)));
  }
  const peak = opened.use(await matrixProduct(threads));
  const timings = await interleave([peak, ...rows], { rounds, seconds: 20 });
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
async function growth(folder: string, { side, rounds, threads }: Settings) {
  const [network] = await benchNetworks(folder, { maxim: false, names: ["fast"] });
  if (network === undefined) return undefined;
  await using opened = new AsyncDisposableStack();
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
  const timings = await interleave(all, { rounds, seconds: 20 });
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

async function main(settings: Settings): Promise<void> {
  const { seconds, threads, isGrown, chart, json } = settings;
  const folder = await mkdtemp(join(tmpdir(), "mtdn-bench-"));
  try {
    const { rows, flops } = await measure(folder, settings);
    const jobs: JobRun[] = [];
    for (const part of seconds > 0 ? [...(isGrown ? [seconds / 2] : []), seconds] : []) {
      jobs.push(await timeJob(join(folder, "job.mp4"), { seconds: part, threads }));
    }
    const run = jobs.at(-1);
    const grown = isGrown ? { ...await growth(folder, settings), jobs } : undefined;
    if (chart !== undefined) {
      const bars = rows.toSorted((a, b) => b.megapixelsPerSecond - a.megapixelsPerSecond).map((row) => ({
        label: `${row.name}, ${row.device}`,
        value: row.megapixelsPerSecond,
        text: `${row.megapixelsPerSecond.toPrecision(2)} MP/s`,
      }));
      await writeFile(
        chart,
        drawBars(`Megapixels a second, ${threads} threads of ${cpus()[0]?.model.trim()}`, bars),
      );
    }
    if (json) return void stdout.write(`${JSON.stringify({ rows, run, growth: grown })}\n`);
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

try {
  const settings = readSettings();
  if (settings.help) stdout.write(HELP);
  else await main(settings);
} catch (error) {
  stderr.write(`${errorText(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
