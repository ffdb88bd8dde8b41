import assert from "node:assert/strict";
import { chooseNetworks } from "../../../src/cli/deblur/choose_networks.ts";
import { parseDeblurFlags } from "../../../src/cli/deblur/deblur_flags.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { runCli } from "../../helpers/run_cli.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import sharp from "sharp";

const KINDS = ["video", "live", "picture", "sequence"] as const;

/** "PRESET" or "PRESET+ALONE" of each kind of input. */
async function chosen(...args: readonly string[]): Promise<string[]> {
  const networks = await chooseNetworks(parseDeblurFlags(["clip.mp4", ...args]));
  return await Promise.all(KINDS.map(async (kind) => {
    const { weights, alone } = await networks(kind);
    assert.equal(await networks(kind), await networks(kind), "one object, so that there is one engine");
    const name = "config" in weights ? weights.preset : weights.format;
    return alone ? `${name}+${alone.preset}` : `${name}`;
  }));
}

Deno.test("chooseNetworks: videos are restored with their neighbours by default, all else one picture at a time", async () => {
  assert.deepEqual(await chosen(), ["fast-video+fast", "fast", "fast", "fast"]);
});

Deno.test("chooseNetworks: a preset is taken for everything; a shipped one of three frames brings fast along", async () => {
  assert.deepEqual(await chosen("--preset", "fast"), Array(4).fill("fast"));
  assert.deepEqual(await chosen("--preset", "fast-video"), Array(4).fill("fast-video+fast"));
});

Deno.test("chooseNetworks: --weights override all, alone", async () => {
  await using folder = await temporaryFolder();
  for (const preset of ["smoke", "smoke-video"] as const) {
    const weights = await writeSmokeWeights(folder.file(`${preset}.safetensors`), PRESETS[preset]);
    assert.deepEqual(await chosen("--weights", weights), Array(4).fill(preset));
    assert.deepEqual(await chosen("--weights", weights, "--preset", preset), Array(4).fill(preset));
    await assert.rejects(chosen("--weights", weights, "--preset", "fast"), { name: "WeightsError" });
  }
});

Deno.test("deblur: a video and a picture of one command line are each restored by their own network", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("clip.mp4"), { pts: [0, 1, 2] });
  const grey = { width: 40, height: 30, channels: 3, background: { r: 90, g: 120, b: 60 } } as const;
  await sharp({ create: grey }).png().toFile(folder.file("photo.png"));
  const inputs = [folder.file("clip.mp4"), folder.file("photo.png")];
  const { code, stdout } = await runCli(["deblur", ...inputs, "--device", "cpu", "--json"]);
  assert.equal(code, 0);
  const [clip, photo] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual([clip.frames, clip.preset], [3, "fast-video"]);
  assert.match(clip.alone.file, /fast\.safetensors$/);
  assert.deepEqual([photo.preset, photo.alone], ["fast", undefined]);
  assert.equal(photo.weights.sha256, clip.alone.sha256);
});
