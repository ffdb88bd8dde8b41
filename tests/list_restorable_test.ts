import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { listRestorable } from "../src/list_restorable.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("listRestorable: videos, pictures and folders in the order of their numbers; all else is counted", async () => {
  await using folder = await temporaryFolder();
  const names = [
    "f10.mp4",
    "f9.mov",
    "b.png",
    "old.deblurred.mp4",
    ".hidden",
    "notes.txt",
    "view.gif",
  ];
  for (const name of names) await writeFile(folder.file(name), "");
  await mkdir(folder.file("sub"));
  const { videos, pictures, folders, passedOver } = await listRestorable(folder.path);
  assert.deepEqual([videos, pictures, folders], [["f9.mov", "f10.mp4", "view.gif"], ["b.png"], ["sub"]]);
  assert.equal(
    passedOver.describe(),
    "Not listed: 1 hidden file or folder, 1 result of an earlier run, 1 file that is neither video nor picture by its name",
  );
});

Deno.test({
  name: "listRestorable: links to files are followed where that is allowed, those to folders never",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("a.mp4"), "");
    await mkdir(folder.file("sub"));
    await symlink(folder.file("a.mp4"), folder.file("b.mp4"));
    await symlink(folder.file("nothing"), folder.file("c.mp4"));
    await symlink(folder.file("sub"), folder.file("d.mp4"));
    const all = await listRestorable(folder.path);
    assert.deepEqual([all.videos, all.folders], [["a.mp4", "b.mp4", "c.mp4"], ["sub"]]);
    assert.match(all.passedOver.describe(), /1 link that leads out of the folder, to a folder or nowhere$/);
    const none = await listRestorable(folder.path, { acceptsLink: () => Promise.resolve(false) });
    assert.deepEqual(none.videos, ["a.mp4"]);
  },
});
