import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng } from "../../../src/train/data/picture_file.ts";
import { rebuildPair } from "../../../src/train/synth/rebuild_pairs.ts";
import { readManifest } from "../../../src/train/synth/synth_manifest.ts";
import { synthesizeFootage } from "../../../src/train/synth/synthesize_footage.ts";
import { synthesizePhotos } from "../../../src/train/synth/synthesize_photos.ts";
import { writePan, writePhotos } from "../../helpers/synth_inputs.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("rebuildPair makes any pair again bit for bit: footage, both modes", async () => {
  await using work = await temporaryFolder();
  const footage = [
    await writePan(join(work.path, "a.y4m"), 240, 45),
    await writePan(join(work.path, "b.y4m"), 120),
  ];
  for (const mode of ["gopro", "realistic"] as const) {
    const output = join(work.path, mode);
    await synthesizeFootage(footage, output, { mode, seed: 5, ...(mode === "realistic" && { jpeg: 80 }) });
    await rebuildAll(output, footage);
  }
});

Deno.test("rebuildPair makes any pair again bit for bit: photos, both modes", async () => {
  await using work = await temporaryFolder();
  const folder = await writePhotos(work.path);
  for (const mode of ["gopro", "realistic"] as const) {
    const output = join(work.path, mode);
    await synthesizePhotos(folder, output, { mode, pairs: 4, seed: 3 });
    await rebuildAll(output, ["a.png", "b.png"].map((name) => join(folder, name)));
  }
});

async function rebuildAll(output: string, files: readonly string[]): Promise<void> {
  const manifest = await readManifest(output);
  assert.ok(manifest.pairs.length >= 4);
  for (const { name } of manifest.pairs) {
    const { blurry, sharp } = await rebuildPair(manifest, name, files);
    const [sequence = "", file = ""] = name.split("/");
    for (const [kind, picture] of [...blurry, ["sharp", sharp] as const]) {
      const written = await readFile(join(output, sequence, kind, `${file}.png`));
      assert.ok(written.equals(await encodePng(picture)), `${name} ${kind}`);
    }
  }
}

Deno.test("rebuildPair refuses a source that has changed, and a pair that is not there", async () => {
  await using work = await temporaryFolder();
  const footage = await writePan(join(work.path, "a.y4m"));
  const manifest = await synthesizeFootage([footage], join(work.path, "out"));
  await writePan(footage, 240, 39);
  const name = manifest.pairs[0]?.name ?? "";
  await assert.rejects(
    rebuildPair(manifest, name, [footage]),
    /a\.y4m: This is not the file .* its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}/,
  );
  await assert.rejects(
    rebuildPair(manifest, "no/pair", [footage]),
    /no pair "no\/pair"\. Its pairs are a_\d\d_00\/000001 to/,
  );
  await assert.rejects(
    rebuildPair(manifest, name, ["b.y4m"]),
    /a\.y4m: The pairs were made from this file, which is not among those given/,
  );
});
