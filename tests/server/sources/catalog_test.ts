import assert from "node:assert/strict";
import { join } from "node:path";
import { findJobs } from "../../../src/cli/deblur/find_jobs.ts";
import { MediaError } from "../../../src/errors.ts";
import { openCatalog } from "../../../src/server/sources/catalog.ts";

async function withFolder(use: (folder: string, outside: string) => Promise<void>) {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    const folder = join(root, "served");
    const outside = join(root, "served-not");
    await Deno.mkdir(join(folder, "deep"), { recursive: true });
    await Deno.mkdir(outside);
    for (
      const name of [
        "served/b.mp4",
        "served/a.MOV",
        "served/deep/c.png",
        "served/notes.txt",
        "served/table.csv",
        "served/.hidden.mp4",
        "served/module.ts",
      ]
    ) {
      await Deno.writeTextFile(join(root, name), "export {};\n");
    }
    await Deno.writeFile(join(folder, "deep/stream.ts"), transportPackets(2));
    await Deno.writeTextFile(join(outside, "secret.mp4"), "");
    await use(folder, outside);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function transportPackets(count: number): Uint8Array {
  return Uint8Array.from({ length: 188 * count }, (_, i) => i % 188 === 0 ? 0x47 : 0xff);
}

Deno.test("openCatalog lists the videos and pictures of a folder as deblur does, and says what it passes over", async () => {
  await withFolder(async (folder) => {
    const catalog = await openCatalog(folder);
    assert.deepEqual((await catalog.list()).map(({ name }) => name), ["a.MOV", "b.mp4"]);
    assert.equal(
      await catalog.passedOver(),
      "Not listed: 1 hidden file or folder, 3 files that are neither video nor picture by their names, " +
        "1 folder (add --recursive for what is in it)",
    );
    const { jobs } = await findJobs([folder]);
    assert.deepEqual(jobs.map(({ input }) => input), ["a.MOV", "b.mp4"].map((name) => join(folder, name)));
    assert.equal(await (await openCatalog(join(folder, "b.mp4"))).passedOver(), "");
  });
});

Deno.test("openCatalog with sub-folders lists a folder's own before those of folders in it, as deblur --recursive", async () => {
  await withFolder(async (folder) => {
    const catalog = await openCatalog(folder, { recursive: true });
    const list = await catalog.list();
    assert.deepEqual(list.map(({ name }) => name), ["a.MOV", "b.mp4", "deep/stream.ts", "deep/c.png"]);
    assert.deepEqual(
      await Promise.all(list.map(({ id }) => catalog.path(id))),
      ["a.MOV", "b.mp4", "deep/stream.ts", "deep/c.png"].map((name) => join(folder, name)),
    );
    assert.doesNotMatch(await catalog.passedOver(), /folder \(/);
    const { jobs } = await findJobs([folder], { recursive: true });
    assert.deepEqual(
      jobs.map(({ input }) => input),
      await Promise.all(list.map(({ id }) => catalog.path(id))),
    );
  });
});

Deno.test("openCatalog shows files that come later, and serves one file alone", async () => {
  await withFolder(async (folder) => {
    const catalog = await openCatalog(folder);
    await Deno.writeTextFile(join(folder, "new.webm"), "");
    assert.ok((await catalog.list()).some(({ name }) => name === "new.webm"));
    const single = await openCatalog(join(folder, "b.mp4"));
    assert.deepEqual((await single.list()).map(({ name }) => name), ["b.mp4"]);
  });
});

Deno.test("openCatalog follows links inside the folder and none that leads out, loops or dangles", async () => {
  await withFolder(async (folder, outside) => {
    await Deno.symlink(join(folder, "b.mp4"), join(folder, "inside.mp4"));
    await Deno.symlink(join(outside, "secret.mp4"), join(folder, "out.mp4"));
    await Deno.symlink("../served-not/secret.mp4", join(folder, "relative.mp4"));
    await Deno.symlink(outside, join(folder, "folder.mp4"));
    await Deno.symlink(join(folder, "loop.mp4"), join(folder, "loop.mp4"));
    await Deno.symlink(join(folder, "gone"), join(folder, "dangling.mp4"));
    const names = (await (await openCatalog(folder)).list()).map(({ name }) => name);
    assert.deepEqual(names, ["a.MOV", "b.mp4", "inside.mp4"]);
    assert.match(await (await openCatalog(folder)).passedOver(), /5 links that lead out of the folder/);
  });
});

Deno.test("Catalog.path takes ids and never a path", async () => {
  await withFolder(async (folder) => {
    const catalog = await openCatalog(folder);
    const tries = [
      "b.mp4",
      join(folder, "b.mp4"),
      "../served-not/secret.mp4",
      "..%2f..%2fetc%2fpasswd",
      "..\\x.mp4",
      "",
    ];
    for (const id of tries) await assert.rejects(catalog.path(id), MediaError, id);
  });
});

Deno.test("openCatalog says what it can open where there is nothing", async () => {
  await assert.rejects(openCatalog("/nowhere/at/all"), /Give a video, a picture, a folder/);
});
