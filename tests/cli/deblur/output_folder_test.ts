import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { openOutputFolder } from "../../../src/cli/deblur/output_folder.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("openOutputFolder: what it made is removed again if nothing was written, and no other folder", async () => {
  await using folder = await temporaryFolder();
  {
    await using _made = await openOutputFolder(folder.file("a/b/c"));
    assert.deepEqual((await readdir(folder.path, { recursive: true })).length, 3);
  }
  assert.deepEqual(await readdir(folder.path), []);
  {
    await using _existing = await openOutputFolder(folder.path);
  }
  assert.deepEqual(await readdir(folder.path), []);
});

Deno.test("openOutputFolder: a folder that something was written to stays", async () => {
  await using folder = await temporaryFolder();
  {
    await using _made = await openOutputFolder(folder.file("a/b"));
    await writeFile(folder.file("a/result.mp4"), "a result");
  }
  assert.deepEqual(await readdir(folder.file("a")), ["result.mp4"]);
});

Deno.test("openOutputFolder: a folder that cannot be made is a MediaError with the reason", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("file"), "");
  await assert.rejects(openOutputFolder(folder.file("file/a")), {
    name: "MediaError",
    message: /file\/a: Cannot make this folder: .+\. Choose another with -o$/,
  });
});

Deno.test("openOutputFolder: one that somebody has removed in the meantime is no mistake", async () => {
  await using folder = await temporaryFolder();
  {
    await using _made = await openOutputFolder(folder.file("a/b"));
    await rm(folder.file("a"), { recursive: true });
  }
  assert.deepEqual(await readdir(folder.path), []);
});
