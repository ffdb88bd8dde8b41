import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PartFile } from "../src/part_file.ts";
import { holdPart } from "./helpers/hold_part.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("PartFile: of two jobs with one output the second is refused, and the first is whole", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("out.mp4");
  const first = await PartFile.create(path);
  await writeFile(first.partPath, "the first");
  await assert.rejects(PartFile.create(path), {
    name: "MediaError",
    message: /out\.mp4\.part: Another job is writing it/,
  });
  await first.complete();
  const second = await PartFile.create(path, { overwrite: true });
  await first.discard();
  assert.deepEqual((await readdir(folder.path)).sort(), [
    "out.mp4",
    "out.mp4.part",
    "out.mp4.part.lock",
  ], "the second's is there");
  await second.discard();
  assert.deepEqual(await readdir(folder.path), ["out.mp4"]);
  assert.equal(await readFile(path, "utf8"), "the first");
});

Deno.test("PartFile: a file or folder of the user's by the part's name stays as it is", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("clip.mp4.part"), "precious");
  await assert.rejects(PartFile.create(folder.file("clip.mp4")), { name: "MediaError" });
  assert.equal(await readFile(folder.file("clip.mp4.part"), "utf8"), "precious");
  await mkdir(folder.file("frames.part"));
  await writeFile(folder.file("frames.part/keep.txt"), "precious");
  await assert.rejects(PartFile.create(folder.file("frames"), { folder: true }), { name: "MediaError" });
  assert.equal(await readFile(folder.file("frames.part/keep.txt"), "utf8"), "precious");
});

Deno.test("PartFile: a folder replaces one that exists as a whole, or only the files that are written", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("out");
  const files = async () =>
    (await readdir(path, { recursive: true })).map((name) => name.replace("\\", "/")).sort();
  const write = async (options: { replace?: boolean }, name: string) => {
    const part = await PartFile.create(path, { ...options, folder: true, overwrite: true });
    if (name.includes("/")) await mkdir(join(part.partPath, dirname(name)));
    await writeFile(join(part.partPath, name), name);
    await part.complete();
    await part.discard();
  };
  await write({}, "a.png");
  await write({}, "b.png");
  assert.deepEqual(await files(), ["a.png", "b.png"]);
  await write({ replace: true }, "blur/c.png");
  assert.deepEqual(await files(), ["blur", "blur/c.png"]);
  assert.equal(await readFile(join(path, "blur/c.png"), "utf8"), "blur/c.png");
  assert.deepEqual(await readdir(folder.path), ["out"]);
});

for (const kind of ["file", "folder"] as const) {
  Deno.test(`PartFile: the ${kind} of a running job is refused, the one a killed job left is replaced`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("out");
    {
      await using _job = await holdPart(path, kind);
      await assert.rejects(PartFile.create(path, { folder: kind === "folder" }), {
        name: "MediaError",
        message: /Another job is writing it/,
      });
    }
    assert.deepEqual((await readdir(folder.path)).sort(), ["out.part", "out.part.lock"], "it was killed");
    const part = await PartFile.create(path, { folder: kind === "folder" });
    const written = kind === "folder" ? folder.file("out.part/2.png") : part.partPath;
    await writeFile(written, "the new one");
    await part.complete();
    assert.deepEqual((await readdir(folder.path, { recursive: true })).sort(), [
      "out",
      ...(kind === "folder" ? [join("out", "2.png")] : []),
    ]);
  });
}

Deno.test("PartFile: says that its folder was removed during the job", async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.file("results"));
  const part = await PartFile.create(folder.file("results/out.mkv"));
  await rm(folder.file("results"), { recursive: true });
  await assert.rejects(part.complete(), {
    name: "MediaError",
    message: /results\/out\.mkv: What was written is gone: .*was removed during the job\. Run the job again$/,
  });
  await part.discard();
});

Deno.test({
  name: "PartFile: a folder at which another disk begins is refused before the work, not when it is renamed",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    // Deno shows /proc only to a program with every permission.
    const code = `import { PartFile } from "${new URL("../src/part_file.ts", import.meta.url)}";
      const made = PartFile.create("/proc", { folder: true, overwrite: true });
      console.log(await made.then((part) => part.discard(), ({ message }) => message));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
    assert.match(new TextDecoder().decode(stdout), /^\/proc: Another disk begins at this folder/);
  },
});
