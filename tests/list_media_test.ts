import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { listMedia } from "../src/list_media.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("listMedia: files of the kinds asked for, in the order of their numbers; no folders, nothing hidden", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["f10.png", "f9.PNG", "f100.jpg", "clip.mp4", "notes.txt", ".hidden.png", "view.gif"]) {
    await writeFile(folder.file(name), "");
  }
  await writeFile(folder.file("source.ts"), "export const notAStream = 1;\n");
  await mkdir(folder.file("folder.png"));
  if (Deno.build.os !== "windows") {
    await symlink(folder.file("f9.PNG"), folder.file("f11.png"));
    await symlink(folder.file("folder.png"), folder.file("f12.png"));
    await symlink(folder.file("nothing.png"), folder.file("f13.png"));
  } else for (const name of ["f11.png", "f13.png"]) await writeFile(folder.file(name), "");
  const pictures = ["f9.PNG", "f10.png", "f11.png", "f13.png", "f100.jpg"];
  assert.deepEqual(await listMedia(folder.path, ["picture"]), pictures);
  assert.deepEqual(await listMedia(folder.path, ["video"]), ["clip.mp4"]);
  assert.deepEqual(await listMedia(folder.path, ["animation", "video"]), ["clip.mp4", "view.gif"]);
});

Deno.test("listMedia: a folder that cannot be read is named, with the reason", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(listMedia(folder.file("none"), ["picture"]), {
    name: "MediaError",
    message: /none: There is no such folder. Check the name$/,
  });
});
