import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MediaError } from "../../../src/errors.ts";
import { PairFolder } from "../../../src/train/synth/pair_folder.ts";
import { emptyManifest, readManifest } from "../../../src/train/synth/synth_manifest.ts";
import { synthesizeFootage } from "../../../src/train/synth/synthesize_footage.ts";
import { writePan } from "../../helpers/synth_inputs.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("PairFolder replaces only what was synthesised before, and only with overwrite", async () => {
  await using work = await temporaryFolder();
  const footage = await writePan(join(work.path, "a.y4m"));
  const output = join(work.path, "out");
  await synthesizeFootage([footage], output);
  await assert.rejects(synthesizeFootage([footage], output), MediaError);
  await synthesizeFootage([footage], output, { overwrite: true, seed: 2 });
  assert.equal((await readManifest(output)).seed, 2);
  const precious = join(work.path, "precious");
  await mkdir(precious);
  await writeFile(join(precious, "letter.txt"), "dear");
  await assert.rejects(synthesizeFootage([footage], precious, { overwrite: true }), /holds something else/);
  assert.deepEqual((await readdir(work.path)).sort(), ["a.y4m", "out", "precious"]);
});

const PICTURE = { data: new Uint8Array(3 * 4 * 4).fill(90), width: 4, height: 4 };

Deno.test("PairFolder: grows under another name, replaces the old folder as a whole, and leaves nothing when disposed", async () => {
  await using work = await temporaryFolder();
  const output = work.file("deep/out");
  const pair = { blurry: new Map([["blur", PICTURE] as const]), sharp: PICTURE };
  const write = async (name: string, isFinished: boolean) => {
    await using folder = await PairFolder.create(output, { overwrite: true });
    await folder.write(name, pair);
    assert.ok((await readdir(work.file("deep"))).includes("out.part"));
    if (isFinished) await folder.finish(emptyManifest({ seed: 7 }));
  };
  await write("a_07_00/000001", true);
  await write("b_07_00/000001", false);
  const files = async () =>
    (await readdir(output, { recursive: true })).filter((name) => name.includes(".")).sort();
  assert.deepEqual(await files(), ["a_07_00/blur/000001.png", "a_07_00/sharp/000001.png", "manifest.json"]);
  await write("b_07_00/000001", true);
  assert.deepEqual(await files(), ["b_07_00/blur/000001.png", "b_07_00/sharp/000001.png", "manifest.json"]);
  assert.deepEqual(await readdir(work.file("deep")), ["out"]);
});

Deno.test("PairFolder: a folder that another run is writing is refused, and stays", async () => {
  await using work = await temporaryFolder();
  await using first = await PairFolder.create(work.file("out"));
  await assert.rejects(PairFolder.create(work.file("out")), {
    name: "MediaError",
    message: /out\.part: .*Another job is writing it/,
  });
  await first.finish(emptyManifest({}));
  assert.deepEqual(await readdir(work.path), ["out"]);
});
