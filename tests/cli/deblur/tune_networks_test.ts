import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { parseDeblurFlags } from "../../../src/cli/deblur/deblur_flags.ts";
import { tunedName, tuneNetworks } from "../../../src/cli/deblur/tune_networks.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { readWeights, serializeWeights } from "../../../src/model/weights/weights.ts";
import { damageBytes, DENSE } from "../../helpers/damage_bytes.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { randomWeights } from "../../helpers/random_weights.ts";
import { runCli } from "../../helpers/run_cli.ts";
import { writeShakyClip } from "../../helpers/shaky_clip.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

async function sha256(path: string): Promise<string> {
  return createHash("sha256").update(await readFile(path)).digest("hex");
}

/** A folder with a clip, weights, and weights that were tuned from them on the clip; `tune` looks for weights to use. */
async function tunedBefore() {
  const folder = await temporaryFolder();
  const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 1 });
  const weights = await readWeights(await writeSmokeWeights(folder.file("w.safetensors")));
  const provenance = { tunedOn: await sha256(clip), init: weights.sha256 };
  const kept = folder.file("out.tuned.safetensors");
  await writeFile(kept, serializeWeights({ ...randomWeights(PRESETS.smoke), provenance }));
  const lines: string[] = [];
  const tune = () =>
    tuneNetworks({ input: clip, output: folder.file("out.mp4") }, { weights }, {
      flags: parseDeblurFlags([clip, "--tune", "1"]),
      io: {
        stdout: () => {},
        stderr: (line) => lines.push(line),
        isTerminal: false,
        signal: new AbortController().signal,
      },
    });
  return { ...folder, clip, kept, tune, lines };
}

Deno.test("tunedName: beside the output, whatever its extension", () => {
  assert.equal(tunedName("a.b/clip.deblurred.mp4"), "a.b/clip.deblurred.tuned.safetensors");
  assert.equal(tunedName("clip"), "clip.tuned.safetensors");
});

Deno.test("tuneNetworks uses weights again that were tuned on the same clip", async () => {
  await using place = await tunedBefore();
  const { networks, tuning } = await place.tune();
  assert.deepEqual([networks.weights.path, tuning], [place.kept, undefined]);
  assert.match(place.lines.join(), /tuned on this clip before/);
});

Deno.test("tuneNetworks refuses weights that were not tuned on this clip, and leaves them", async () => {
  await using place = await tunedBefore();
  await writeShakyClip(place.clip, { pauses: 2 });
  const before = await readFile(place.kept);
  await assert.rejects(place.tune(), /were not tuned on this clip.*--weights.*move them away/);
  assert.deepEqual(await readFile(place.kept), before);
});

nativeTest(
  "deblur --tune trains on a clip's sharp moments, and uses the weights again for the same clip",
  async () => {
    await using folder = await temporaryFolder();
    const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 5 });
    const weights = await writeSmokeWeights(folder.file("w.safetensors"), PRESETS["smoke-video"]);
    const output = folder.file("out.mp4");
    const args = ["deblur", clip, "-o", output, "--weights", weights, "--device", "cpu", "--tune", "0.05"];
    const first = await runCli([...args, "--json"]);
    assert.equal(first.code, 0, first.stderr);
    const report = JSON.parse(first.stdout);
    assert.ok(report.tuning.after > report.tuning.before);
    assert.equal(report.weights.file, folder.file("out.tuned.safetensors"));
    await copyFile(output, folder.file("first.mp4"));
    const again = await runCli([...args, "--overwrite", "--json"]);
    assert.equal(JSON.parse(again.stdout).tuning, undefined);
    assert.match(again.stderr, /tuned on this clip before/);
    assert.deepEqual(await readFile(output), await readFile(folder.file("first.mp4")));
  },
);

nativeTest(
  "deblur --tune --keep-partial restores what can be decoded of a damaged clip, untuned",
  async () => {
    await using folder = await temporaryFolder();
    const clip = folder.file("clip.mp4");
    await makeClip(clip, DENSE);
    await damageBytes(clip, 0.6);
    const weights = await writeSmokeWeights(folder.file("w.safetensors"));
    const args = ["deblur", clip, "--weights", weights, "--device", "cpu", "--tune", "0.05"];
    assert.match((await runCli(args)).stderr, /Add --keep-partial/);
    const { stderr } = await runCli([...args, "--keep-partial"]);
    assert.match(stderr, /clip\.mp4: not tuned, because it is damaged: /);
    assert.ok((await stat(folder.file("clip.deblurred.partial.mp4"))).size > 0);
  },
);

Deno.test("deblur --tune wants a time", async () => {
  await using folder = await temporaryFolder();
  const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 1 });
  for (const minutes of ["0", "-1", "long"]) {
    const { code, stderr } = await runCli(["deblur", clip, "--tune", minutes]);
    assert.deepEqual([code, /--tune/.test(stderr)], [2, true], stderr);
  }
});
