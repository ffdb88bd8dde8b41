/**
 * What cutting a video into segments costs, in bytes and in processor time, by the length of a segment: the choice of `--segment`'s default.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi bench/segments.ts CLIP [SECONDS...]
 *
 * Frames are decoded, judged and encoded as in a job, but not restored: so it is quick, and what remains is what segments add to. What the
 * network takes is measured on a few frames, for comparison. Processor time, because other programs may run beside it.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";
import { createOutput, deblur, type Engine, openEngine, openMedia, shippedWeights } from "../mod.ts";
import { restoreInSegments, runHere } from "../src/jobs/mod.ts";
import { openVideo } from "../src/stream/decode/open_video.ts";

const [clip, ...lengths] = argv.slice(2);
if (clip === undefined) throw new TypeError("Name a clip of a few minutes");
const NETWORK_FRAMES = 60;

/** Returns its input. */
const identity: Engine = {
  device: "cpu",
  concurrency: 2,
  frames: 3,
  run: (picture) => Promise.resolve({ input: picture, image: picture }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Seconds of all processors. */
async function measure<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const before = cpuUsage();
  const result = await work();
  const { user, system } = cpuUsage(before);
  return { seconds: (user + system) / 1e6, result };
}

async function inOnePiece(output: string, engine: Engine, duration?: number) {
  await using source = await openMedia(clip ?? "", duration === undefined ? {} : { duration });
  await using sink = await createOutput(output, { source: source.info });
  return await deblur(source, sink, engine);
}

async function inSegments(output: string, segmentSeconds: number) {
  await using source = await openVideo(clip ?? "");
  let segments = 0;
  await restoreInSegments(source, output, runHere(clip ?? "", () => Promise.resolve(identity)), {
    settings: { detail: 1, everywhere: false, branches: false },
    ...{ weights: [{ sha256: "0".repeat(64) }], precision: "float32", segmentSeconds },
    onSegments: (all) => segments = all,
  });
  return segments;
}

const folder = await mkdtemp(join(tmpdir(), "mtdn-bench-"));
try {
  await using engine = await openEngine({
    weights: shippedWeights("fast-video"),
    alone: shippedWeights("fast"),
  });
  const start = NETWORK_FRAMES / 25;
  const network = await measure(() => inOnePiece(join(folder, "network.mp4"), engine, start));
  const same = await measure(() => inOnePiece(join(folder, "same.mp4"), identity, start));
  const frameSeconds = (network.seconds - same.seconds) / network.result.frames;
  const whole = await measure(() => inOnePiece(join(folder, "whole.mp4"), identity));
  const { frames, width, height } = whole.result;
  const wholeBytes = (await stat(join(folder, "whole.mp4"))).size;
  const all = whole.seconds + frames * frameSeconds;
  stdout.write(
    `${frames} frames of ${width}x${height}; in one piece ${wholeBytes} bytes, ${
      whole.seconds.toFixed(1)
    } s of processor ` +
      `without the network, ${
        all.toFixed(0)
      } s with it\n\n| --segment | segments | bytes | processor, s a segment | share of the job |\n|---|---|---|---|---|\n`,
  );
  for (const length of lengths.length > 0 ? lengths.map(Number) : [5, 10, 20, 40, 60]) {
    const output = join(folder, `${length}.mp4`);
    const { seconds, result: segments } = await measure(() => inSegments(output, length));
    const more = seconds - whole.seconds;
    const bytes = 100 * ((await stat(output)).size / wholeBytes - 1);
    stdout.write(
      `| ${length} s | ${segments} | ${bytes >= 0 ? "+" : ""}${bytes.toFixed(2)} % | ${
        (more / segments).toFixed(2)
      } | ${(100 * more / all).toFixed(2)} % |\n`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
