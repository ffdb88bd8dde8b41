import assert from "node:assert/strict";
import { readdir, stat, truncate } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { collectFrames } from "./helpers/collect_frames.ts";
import { makeClip } from "./helpers/make_clip.ts";
import { probeClip } from "./helpers/probe_clip.ts";
import { writeSmokeWeights } from "./helpers/smoke_weights.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";
import { PERMISSIONS } from "./helpers/permissions.ts";

/** Runs an example as its first lines say. Returns what it wrote to stdout. */
async function runExample(name: string, args: readonly string[]): Promise<string> {
  const script = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
  const command = ["run", "--quiet", "--no-prompt", ...PERMISSIONS, script, ...args];
  // Not `node:child_process`: Deno gives every permission to a Deno that is started by it.
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: command }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("examples/deblur_file.ts restores a file and tells how far it is", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { pts: [0, 1, 2, 7], audioSeconds: 0.2 });
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  const said = await runExample("deblur_file.ts", [input, output, weights]);
  assert.match(said, /\r1 of 4 frames.*\r4 of 4 frames in [\d.]+ s\n$/s);
  const [before, after] = [await probeClip(input), await probeClip(output)];
  assert.deepEqual(after.streams.map(({ times }) => times), before.streams.map(({ times }) => times));
});

Deno.test("examples/custom_stage.ts draws a bar that grows, over restored frames", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, {
    pts: [0, 1, 2, 3],
    width: 64,
    height: 80,
    sample: (plane) => plane === 0 ? 20 : 128,
  });
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  await runExample("custom_stage.ts", [input, output, weights]);
  const frames = await collectFrames(output);
  assert.equal(frames.length, 4);
  for (const [i, { data, width, height }] of frames.entries()) {
    const lastRow = Array.from({ length: width }, (_, x) => data[3 * (width * (height - 1) + x)] ?? 0);
    const end = 16 * (i + 1);
    const isWhite = (value: number) => value > 215;
    assert.ok(lastRow.slice(0, end - 4).every(isWhite), `frame ${i}: ${lastRow}`);
    assert.ok(!lastRow.slice(end + 4).some(isWhite), `frame ${i}: ${lastRow}`);
  }
});

Deno.test("examples/custom_stage.ts leaves nothing of a truncated video, and says what is missing", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  await makeClip(input, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 5, width: 64, height: 80 });
  await truncate(input, Math.floor((await stat(input)).size * 0.6));
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  const running = runExample("custom_stage.ts", [input, folder.file("out.mkv"), weights]);
  await assert.rejects(running, /in\.mkv: The file is truncated: its last [\d.]+ s are missing/);
  assert.deepEqual((await readdir(folder.path)).sort(), ["in.mkv", "smoke.safetensors"]);
});
