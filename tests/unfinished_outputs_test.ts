import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { PartFile } from "../src/part_file.ts";
import { addUnfinished, deleteUnfinished, removeUnfinished } from "../src/unfinished_outputs.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("removeUnfinished: removes files and folders that are being written, once, and no others", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a.part", "b.part", "mine"]) await writeFile(folder.file(name), name);
  await mkdir(folder.file("c.part"));
  await writeFile(folder.file("c.part/1.png"), "");
  for (const name of ["a.part", "b.part", "c.part", "gone.part"]) addUnfinished(folder.file(name));
  deleteUnfinished(folder.file("b.part"));
  assert.deepEqual(removeUnfinished(), []);
  assert.deepEqual((await readdir(folder.path)).sort(), ["b.part", "mine"]);
  await writeFile(folder.file("a.part"), "of another job");
  assert.deepEqual(removeUnfinished(), []);
  assert.deepEqual((await readdir(folder.path)).sort(), ["a.part", "b.part", "mine"]);
});

Deno.test("removeUnfinished: leaves what a PartFile has completed or discarded", async () => {
  await using folder = await temporaryFolder();
  const complete = await PartFile.create(folder.file("complete"));
  const discarded = await PartFile.create(folder.file("discarded"));
  const unfinished = await PartFile.create(folder.file("unfinished"));
  await complete.complete();
  await discarded.discard();
  for (const name of ["complete.part", "discarded.part"]) {
    await writeFile(folder.file(name), "of another job");
  }
  assert.deepEqual(removeUnfinished(), []);
  assert.deepEqual((await readdir(folder.path)).sort(), ["complete", "complete.part", "discarded.part"]);
  await unfinished.discard();
});
