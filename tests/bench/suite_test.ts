import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { drawBars } from "../../bench/suite/draw_bars.ts";
import { drawFlames } from "../../bench/suite/draw_flames.ts";
import { divide, foldStacks } from "../../bench/suite/fold_stacks.ts";
import { interleave } from "../../bench/suite/interleave.ts";

Deno.test("interleave: by turns, one run each not counted, a slow one run once", async () => {
  const runs: string[] = [];
  const contender = (name: string, times: number[]) => ({
    name,
    run() {
      runs.push(name);
      return Promise.resolve(times.shift() ?? NaN);
    },
  });
  const contenders = [contender("a", [9, 3, 1, 2]), contender("slow", [50]), contender("b", [1, 4, 4, 5])];
  const timings = await interleave(contenders, { rounds: 3, seconds: 20 });
  assert.equal(runs.join(" "), "a slow b a b a b a b");
  assert.deepEqual(timings.get("a"), { min: 1, median: 2 });
  assert.deepEqual(timings.get("b"), { min: 4, median: 4 });
  assert.deepEqual(timings.get("slow"), { min: 50, median: 50 });
});

Deno.test("drawBars: a bar for each value, longer for more, names escaped", () => {
  const svg = drawBars("Speed", [
    { label: "a<b", value: 100, text: "100 MP/s" },
    { label: "c", value: 1, text: "1 MP/s" },
  ]);
  const [long = 0, short = 0] = [...svg.matchAll(/<rect x[^>]* width="([\d.]+)"/g)].map(([, width]) =>
    Number(width)
  );
  assert.ok(long > short && short > 0);
  assert.ok(svg.includes("a&lt;b") && svg.includes("100 MP/s"));
});

Deno.test("deno task bench --json: a row for each network, with what its speed is a share of", async () => {
  const { default: config } = await import("../../deno.json", { with: { type: "json" } });
  const permissions = config.tasks.bench.command.match(/--(?:allow|unstable)-\S+/g) ?? [];
  const bench = fileURLToPath(new URL("../../bench/bench.ts", import.meta.url));
  const options = [
    "--side",
    "64",
    "--rounds",
    "1",
    "--seconds",
    "0.1",
    "--threads",
    "1",
    "--no-growth",
    "--json",
  ];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, bench, "fast", ...options],
  });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { rows, run } = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(rows.length, 1);
  const [{ name, device, kmacPerPixel, megapixelsPerSecond, shareOfPeak, gainDb }] = rows;
  assert.deepEqual([name, device, Math.round(kmacPerPixel)], ["fast", "cpu", 63]);
  assert.ok(megapixelsPerSecond > 0 && shareOfPeak > 0 && Number.isFinite(gainDb));
  assert.ok(run.ratioToEngine > 0 && run.frames > 0);
});

const SAMPLES = `deno
	  7f10 JS:*'moveOnto file:///home/me/tool/src/motion/move_onto.ts:10:29 (/tmp/x/jitted-1-2.so)
	  7f20 JS:^restorePicture file:///home/me/tool/src/model/restore_picture.ts:14:1 (/tmp/x/jitted-1-3.so)
	  7f30 JS:^other file:///home/me/elsewhere/other.ts:1:1 (/tmp/x/jitted-1-4.so)

worker-1
	  ec10 [unknown] (/home/me/.cache/onnxruntime-node/libonnxruntime.so.1)

worker-1
	  ec20 [unknown] (/home/me/.cache/onnxruntime-node/libonnxruntime.so.1)

tokio-runtime-w
	  aa10 [unknown] (/home/me/.cache/node-av.node)
`;

Deno.test("foldStacks: callers first, files of the project by name, all else by its library", () => {
  const flame = foldStacks(SAMPLES, "/home/me/tool", 2);
  assert.equal(flame.seconds, 2);
  assert.deepEqual([...flame.below.keys()], ["main thread", "engine's Worker", "FFmpeg's threads"]);
  const restoring = flame.below.get("main thread")?.below.get("src/model/restore_picture.ts");
  assert.deepEqual([...restoring?.below.keys() ?? []], ["src/motion/move_onto.ts"]);
  assert.equal(flame.below.get("engine's Worker")?.below.get("ONNX Runtime")?.seconds, 1);
});

Deno.test("drawFlames: as wide as the time taken, parts in proportion, no path outside the project", () => {
  const flame = foldStacks(SAMPLES, "/home/me/tool", 2);
  divide(flame, "ONNX Runtime", new Map([["Conv", 3], ["Add", 1]]));
  const svg = drawFlames("A job", flame);
  const widths = new Map(
    [...svg.matchAll(/<title>([^:<]*):.*?width="([\d.]+)"/g)].map(([, name, width]) => [name, Number(width)]),
  );
  assert.equal(widths.get("job"), 1199.5);
  assert.equal(widths.get("Conv"), 449.5);
  assert.equal(widths.get("Add"), 149.5);
  assert.doesNotMatch(svg, /home/);
});
