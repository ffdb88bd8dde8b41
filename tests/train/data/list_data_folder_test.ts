import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { listDataFolder } from "../../../src/train/data/list_data_folder.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test({
  name: "listDataFolder: files and folders, and links to them; a broken link is named",
  ignore: Deno.build.os === "windows", // links need rights there
  async fn() {
    await using folder = await temporaryFolder();
    await mkdir(folder.file("a"));
    await writeFile(folder.file("b.png"), "");
    await symlink("a", folder.file("c"));
    const listed = (await listDataFolder(folder.path)).map(({ name, kind }) => [name, kind]);
    assert.deepEqual(listed, [["a", "folder"], ["b.png", "file"], ["c", "folder"]]);
    await symlink("nowhere", folder.file("d.png"));
    await assert.rejects(listDataFolder(folder.path), {
      name: "MediaError",
      path: folder.file("d.png"),
      message: /The link is broken/,
    });
  },
});
