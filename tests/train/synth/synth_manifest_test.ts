import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import {
  emptyManifest,
  MANIFEST_NAME,
  pairName,
  readManifest,
  readManifestFile,
  type SynthManifest,
} from "../../../src/train/synth/synth_manifest.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const WHOLE: SynthManifest = {
  ...emptyManifest({ mode: "realistic", seed: 3 }),
  sources: [{ name: "a.mp4", sha256: "00", kind: "footage", frameRate: 240, duplicates: 1, cuts: 0 }],
  pairs: [{
    name: pairName("a_00", 1),
    source: 0,
    recipe: { frames: 7, averages: [{ folder: "blur", gamma: "srgb" }], saturation: 1, h264: 30 },
    frames: [0, 1, 2, 3, 4, 5, 6],
  }],
};

Deno.test("emptyManifest has the defaults of a synthesis; pairName counts in six digits", () => {
  assert.deepEqual(emptyManifest({}), {
    kind: "mtdn synth",
    version: 1,
    mode: "gopro",
    seed: 1,
    sources: [],
    pairs: [],
  });
  assert.equal(pairName("street_09_00", 12), "street_09_00/000012");
});

Deno.test("readManifest reads what was written", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file(MANIFEST_NAME), JSON.stringify(WHOLE));
  assert.deepEqual(await readManifest(folder.path), WHOLE);
});

const [PAIR] = WHOLE.pairs;
for (
  const [what, text] of [
    ["no JSON", "{"],
    ["another file of its name", '{"name": "extension"}'],
    ["another version", JSON.stringify({ ...WHOLE, version: 2 })],
    ["another recipe", JSON.stringify({ ...WHOLE, mode: "best" })],
    [
      "a pair that leads out of the folder",
      JSON.stringify({ ...WHOLE, pairs: [{ ...PAIR, name: "../a/000001" }] }),
    ],
    ["a hidden sequence", JSON.stringify({ ...WHOLE, pairs: [{ ...PAIR, name: ".ssh/000001" }] })],
    ["frames that are no numbers", JSON.stringify({ ...WHOLE, pairs: [{ ...PAIR, frames: [0.5] }] })],
  ] as const
) {
  Deno.test(`readManifestFile refuses ${what}`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("manifest.json");
    await writeFile(path, text);
    await assert.rejects(readManifestFile(path), {
      name: "MediaError",
      path,
      message: /Cannot read this as a manifest of synthesised pairs: /,
    });
  });
}
