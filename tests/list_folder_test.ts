import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { listFolder } from "../src/list_folder.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("listFolder: files, folders and what links lead to, by name; nothing hidden", async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.file("b"));
  await mkdir(folder.file(".git"));
  for (const name of ["c.png", "a.txt", ".DS_Store"]) await writeFile(folder.file(name), "");
  const entries = [["a.txt", "file"], ["b", "folder"], ["c.png", "file"]];
  if (Deno.build.os !== "windows") {
    await symlink(folder.file("b"), folder.file("d"));
    await symlink(folder.file("c.png"), folder.file("e"));
    await symlink(folder.file("nothing"), folder.file("f"));
    entries.push(["d", "folder"], ["e", "file"], ["f", "broken"]);
  }
  assert.deepEqual(
    await listFolder(folder.path),
    entries.map(([name = "", kind]) => ({ name, path: folder.file(name), kind, isLink: name > "c.png" })),
  );
  const all = (await listFolder(folder.path, { hidden: true })).map(({ name }) => name);
  assert.deepEqual(all.filter((name) => name.startsWith(".")), [".DS_Store", ".git"]);
});

Deno.test("listFolder: a folder that cannot be read is named, with the reason", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(listFolder(folder.file("none")), {
    name: "MediaError",
    message: `${folder.file("none")}: There is no such folder. Check the name`,
  });
  await writeFile(folder.file("file"), "");
  await assert.rejects(listFolder(folder.file("file")), { message: /file: This is not a folder. Name one$/ });
});
