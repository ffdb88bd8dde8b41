import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { workplace } from "../../helpers/deblur_workplace.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { runCli } from "../../helpers/run_cli.ts";
import { smallGraph } from "../../helpers/small_graph.ts";

Deno.test("deblur --weights FILE.onnx restores a video with a network of another project, and says what it takes and how long", async () => {
  await using place = await workplace();
  const network = place.file("net.onnx");
  await writeFile(network, smallGraph({ frames: 3, stride: 8 }));
  const { code, stdout, stderr } = await runCli(
    ["deblur", place.file("clip.mp4"), "--device", "cpu", "--weights", network, "--json"],
  );
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /net\.onnx takes 3 frames of float32 NCHW RGB pictures with sides that are multiples of 8,/,
  );
  assert.match(stderr, /clip\.mp4: expect about [\d.e-]+ s a frame, 0:00 in all$/m);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.frames, report.preset, report.weights.file], [3, null, network]);
  const { streams } = await probeClip(place.file("clip.deblurred.mp4"));
  assert.equal(streams[0]?.times.length, 3);
});

Deno.test("deblur --weights FILE.onnx --dry-run prints a plan without the arithmetic, which is not known", async () => {
  await using place = await workplace();
  const network = place.file("net.onnx");
  await writeFile(network, smallGraph());
  const { code, stdout } = await runCli(
    ["deblur", place.file("clip.mp4"), "--device", "cpu", "--weights", network, "--dry-run"],
  );
  assert.equal(code, 0);
  assert.match(stdout, /work: not known on cpu$/m);
  assert.match(stdout, /time: at most/);
});

Deno.test("deblur: flags that a network of another project has no use for are refused, and --channels without one", async () => {
  await using place = await workplace();
  const network = place.file("net.onnx");
  await writeFile(network, smallGraph());
  const refused = async (args: readonly string[], code: number, why: RegExp) => {
    const run = await runCli(["deblur", place.file("clip.mp4"), "--device", "cpu", ...args]);
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr, why);
  };
  await refused(
    ["--weights", network, "--branches"],
    2,
    /--branches needs a down branch, which .*net\.onnx \(a network of another/,
  );
  await refused(
    ["--weights", network, "--detail", "2"],
    2,
    /--detail is for networks of this project, and .*net\.onnx/,
  );
  await refused(
    ["--weights", network, "--preset", "fast"],
    1,
    /a network of another project, not of preset "fast"/,
  );
  await refused(["--channels", "bgr"], 2, /--channels does nothing without --weights/);
  await refused(
    ["--weights", place.weights, "--channels", "bgr"],
    2,
    /network of this project, whose pictures are RGB/,
  );
  assert.deepEqual(await place.names(), ["clip.mp4", "net.onnx", "smoke.safetensors"]);
});
