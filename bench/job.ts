/**
 * What a whole job costs beside its engine, whether its memory grows, and how long a user waits for the first frame.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi --allow-run bench/job.ts [--clip FILE]
 *     [--weights FILE] [--device cpu] [--seconds T]
 *
 * `--seconds` takes only that much of the clip; memory is measured on ten times as much. Each figure comes from a
 * process of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import process, { arch, argv, execPath, memoryUsage, platform, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  createOutput,
  deblur,
  DEVICE_CHOICES,
  type Engine,
  type MediaInfo,
  openEngine,
  openMedia,
  type Picture,
  type RestoreOptions,
  shippedWeights,
} from "../mod.ts";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    clip: { type: "string", default: fileURLToPath(new URL("../samples/spaniels.mp4", import.meta.url)) },
    weights: { type: "string" },
    device: { type: "string", default: "cpu" },
    seconds: { type: "string" },
    /** Set for the processes this one starts: what each measures, and where it may write. */
    measure: { type: "string" },
    folder: { type: "string", default: "" },
  },
});

const TIMES_LONGER = 10;
const EARLY_FRAME = 50;
const range = values.seconds === undefined ? {} : { duration: Number(values.seconds) };

async function open(): Promise<Engine> {
  const device = [...DEVICE_CHOICES.keys()].find((name) => name === values.device);
  if (device === undefined) throw new TypeError(`There is no device "${values.device}"`);
  const shipped = { weights: shippedWeights("fast-video"), alone: shippedWeights("fast") };
  return await openEngine({
    ...(values.weights === undefined ? shipped : { weights: values.weights }),
    device,
  });
}

/** What some work took, in seconds. */
interface Took {
  /** On the clock. */
  readonly wall: number;
  /** Of all processors together: what can be compared on a machine that does something else besides. */
  readonly processor: number;
}

async function time(work: () => Promise<void>): Promise<Took> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - startedAt) / 1000, processor: (user + system) / 1e6 };
}

/** A job on the clip. @returns its frames */
async function runJob(engine: Engine, name: string, everywhere: boolean): Promise<number> {
  await using source = await openMedia(values.clip, range);
  await using sink = await createOutput(join(values.folder, name), { source: source.info });
  return (await deblur(source, sink, engine, { everywhere })).frames;
}

/** Jobs on the clip, and the same number of pictures, with their neighbours, handed to their engine with nothing else to do. */
async function measureRun() {
  await using engine = await open();
  await using spare = await openMedia(values.clip, range);
  const reader = spare.frames.getReader();
  const copies: Picture[] = [];
  while (copies.length < engine.concurrency + 2) {
    const { value } = await reader.read();
    if (value === undefined) throw new RangeError(`The clip has fewer than ${engine.concurrency + 2} frames`);
    copies.push({ data: value.data, width: value.width, height: value.height });
  }
  const neighboursOf = (i: number): RestoreOptions => {
    const [previous, next] = [copies[i - 1], copies[i + 1]];
    return engine.frames === 3 && previous && next ? { neighbours: { previous, next } } : {};
  };
  const lanes: Picture[] = copies.slice(1, -1).map(({ data, ...size }) => ({ data: data.slice(), ...size }));
  const runEngine = async (frames: number) => {
    let given = 0;
    await Promise.all(lanes.map(async (_, lane) => {
      while (given++ < frames) {
        const picture = lanes[lane];
        if (picture) lanes[lane] = (await engine.run(picture, neighboursOf(lane + 1))).input;
      }
    }));
  };
  await runEngine(lanes.length);
  let frames = 0;
  const moving = await time(async () => void await runJob(engine, "moving.mp4", false));
  const everywhere = await time(async () => {
    frames = await runJob(engine, "everywhere.mp4", true);
  });
  const alone = await time(() => runEngine(frames));
  return { frames, moving, everywhere, alone, device: engine.device };
}

/** Peak resident bytes of a job up to an early frame, and up to its last. */
async function measureMemory() {
  const clip = join(values.folder, "long.mkv");
  await using engine = await open();
  await using source = await openMedia(clip);
  await using sink = await createOutput(join(values.folder, "memory.mkv"), { source: source.info });
  let [peak, early] = [0, 0];
  const { frames } = await deblur(source, sink, engine, {
    onProgress(progress) {
      peak = Math.max(peak, memoryUsage().rss);
      if (progress.kind === "frame" && progress.done === EARLY_FRAME) early = peak;
    },
  });
  return { frames, early, peak };
}

/** Writes the clip over and over: {@linkcode TIMES_LONGER} times its length. */
async function writeLongClip(path: string): Promise<void> {
  await using first = await openMedia(values.clip, range);
  await using sink = await createOutput(path, { source: first.info, crf: 23 });
  const writer = sink.frames.getWriter();
  let offset = 0n;
  for (let i = 0; i < TIMES_LONGER; i++) {
    await using source = await openMedia(values.clip, range);
    let end = 0n;
    for await (const frame of source.frames) {
      end = frame.pts + (frame.duration || unitsPerFrame(source.info));
      await writer.write({ ...frame, pts: frame.pts + offset });
    }
    offset += end;
  }
  await writer.close();
}

function unitsPerFrame({ timeBase, frameRate = 25 }: MediaInfo): bigint {
  return BigInt(Math.round(timeBase.den / timeBase.num / frameRate));
}

/** Seconds from starting the command to its progress bar showing one frame. */
async function measureFirstFrame(folder: string): Promise<number> {
  const cli = new URL("../cli.ts", import.meta.url).href;
  const args = ["deblur", values.clip, "-o", join(folder, "first.mp4"), "--device", values.device];
  if (values.weights !== undefined) args.push("--weights", values.weights);
  const script = `import { main } from ${JSON.stringify(cli)};
    await main(${JSON.stringify(args)}, {
      isTerminal: true,
      signal: new AbortController().signal,
      stdout: () => {},
      stderr: (text) => { if (/ [1-9]\\d*\\/\\d+ frames/.test(text)) Deno.exit(7); },
    });`;
  const startedAt = performance.now();
  const child = spawn(execPath, ["eval", "--quiet", script], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "close");
  if (code !== 7) throw new Error(`The command ended with exit code ${code} before its first frame`);
  return (performance.now() - startedAt) / 1000;
}

/** Runs this file again for one figure. */
async function inOwnProcess<T>(measure: string, folder: string): Promise<T> {
  const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-ffi"];
  const script = [fileURLToPath(import.meta.url), ...argv.slice(2), "--measure", measure, "--folder", folder];
  const child = spawn(execPath, ["run", "--quiet", ...permissions, ...script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk) => said += chunk);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`Measuring ${measure} ended with exit code ${code}`);
  return JSON.parse(said) as T;
}

async function report(folder: string): Promise<void> {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const row = (name: string, ...cells: string[]) => stdout.write(`${name.padEnd(44)}${cells.join("  ")}\n`);
  stdout.write(
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} threads, ${
      Math.round(totalmem() / 2 ** 30)
    } GiB, ` +
      `${platform} ${arch}, Deno ${Deno.version.deno}\n`,
  );
  const first = await measureFirstFrame(folder);
  row("Command to first restored frame", `${first.toFixed(2)} s`);

  const run = await inOwnProcess<Awaited<ReturnType<typeof measureRun>>>("run", folder);
  const both = ({ wall, processor }: Took) => `${wall.toFixed(2)} s, of processors ${processor.toFixed(2)} s`;
  const ratio = (job: Took) =>
    `${(job.wall / run.alone.wall).toFixed(3)}, of processor time ${
      (job.processor / run.alone.processor).toFixed(3)
    }`;
  row(`Whole run, ${run.frames} frames on ${run.device}`, both(run.moving));
  row("The same with everything restored", both(run.everywhere));
  row("Its engine alone", both(run.alone));
  row("Whole run / engine (target: 1.10 at most)", ratio(run.moving));
  row("Everything restored / engine", ratio(run.everywhere));

  await inOwnProcess("clip", folder);
  const { frames, early, peak } = await inOwnProcess<Awaited<ReturnType<typeof measureMemory>>>(
    "memory",
    folder,
  );
  row(`Peak memory up to frame ${EARLY_FRAME}`, mebibytes(early));
  row(`Peak memory up to frame ${frames}`, mebibytes(peak));
  row("Growth (target: 10 % at most)", `${((peak / early - 1) * 100).toFixed(1)} %`);
}

switch (values.measure) {
  case "run":
    stdout.write(JSON.stringify(await measureRun()));
    break;
  case "memory":
    stdout.write(JSON.stringify(await measureMemory()));
    break;
  case "clip":
    await writeLongClip(join(values.folder, "long.mkv"));
    stdout.write("{}");
    break;
  default: {
    const folder = await mkdtemp(join(tmpdir(), "bench-job-"));
    try {
      await report(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}
