import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { jobDigest, type JobManifest } from "../../src/jobs/job_manifest.ts";
import { WorkFolder } from "../../src/jobs/work_folder.ts";
import { exampleManifest } from "../helpers/segment_job.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

async function workplace() {
  const folder = await temporaryFolder();
  await writeFile(folder.file("in.mp4"), "the input");
  const output = folder.file("out.mp4");
  const open = (manifest: JobManifest = exampleManifest(), fresh = false) =>
    WorkFolder.open(output, {
      ...{ input: folder.file("in.mp4"), job: manifest, fresh },
      plan: () => Promise.resolve(manifest),
    });
  /** Does a segment. */
  const finish = async (work: WorkFolder, index: number) => {
    const content = `segment ${index}`;
    await writeFile(work.segmentPath(index), content);
    await work.addRecord(index, {
      ...{ job: jobDigest(work.manifest), index },
      sha256: createHash("sha256").update(content).digest("hex"),
      ...{ frames: 10, width: 48, height: 32, stillShare: 0, precision: "float32", notes: [] },
    });
  };
  const names = async () => (await readdir(folder.path)).sort();
  return { ...folder, output, open, finish, names, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

Deno.test("WorkFolder: keeps what is done for the next run, which may discard it", async () => {
  await using place = await workplace();
  {
    await using work = await place.open();
    assert.deepEqual(work.missing, [0, 1, 2]);
    await place.finish(work, 1);
    assert.deepEqual(work.missing, [0, 2]);
    await assert.rejects(place.open(), { name: "MediaError", message: /Another job is writing it/ });
  }
  assert.deepEqual(await place.names(), ["in.mp4", "out.mp4.part"]);
  {
    await using again = await place.open();
    assert.deepEqual([again.missing, again.records.get(1)?.frames], [[0, 2], 10]);
  }
  await using fresh = await place.open(exampleManifest(), true);
  assert.deepEqual(fresh.missing, [0, 1, 2]);
});

Deno.test("WorkFolder: a segment that is damaged, missing, or of another job is done again", async () => {
  await using place = await workplace();
  {
    await using work = await place.open();
    for (const index of [0, 1, 2]) await place.finish(work, index);
    await writeFile(work.segmentPath(0), "something else");
    assert.equal(await work.forgetDamaged(), 1);
    assert.deepEqual(work.missing, [0]);
    await place.finish(work, 0);
    assert.equal(await work.forgetDamaged(), 0);
    await rm(work.segmentPath(1));
    const record = await readFile(place.file("out.mp4.part/000002.json"), "utf8");
    await writeFile(
      place.file("out.mp4.part/000002.json"),
      record.replace(jobDigest(work.manifest), "c".repeat(64)),
    );
  }
  await using again = await place.open();
  assert.deepEqual(again.missing, [1, 2]);
});

Deno.test("WorkFolder: segments that took each other's place are done again", async () => {
  await using place = await workplace();
  {
    await using work = await place.open();
    for (const index of [0, 1, 2]) await place.finish(work, index);
  }
  for (const extension of ["segment", "json"]) {
    const [first, second, aside] = ["000000", "000001", "aside"].map((name) =>
      place.file(`out.mp4.part/${name}.${extension}`)
    ) as [string, string, string];
    await rename(first, aside);
    await rename(second, first);
    await rename(aside, second);
  }
  await using again = await place.open();
  assert.deepEqual(again.missing, [0, 1]);
});

Deno.test("WorkFolder: work of another input, with other settings or with a changed manifest is a choice, and stays", async () => {
  await using place = await workplace();
  {
    await using work = await place.open();
    await place.finish(work, 0);
  }
  const files = await readdir(place.file("out.mp4.part"));
  const settings = { ...exampleManifest().settings, detail: 2 };
  await assert.rejects(place.open(exampleManifest({ settings })), {
    name: "MediaError",
    message:
      /out\.mp4\.part: It holds unfinished work that does not fit: detail was 1, and is 2\. .*--fresh, which discards it$/,
  });
  const path = place.file("out.mp4.part/manifest.json");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace('"until": 10', '"until": 11'));
  await assert.rejects(place.open(), {
    name: "MediaError",
    message: /changed after it was written.*--fresh/,
  });
  assert.deepEqual(await readdir(place.file("out.mp4.part")), files);
  await using fresh = await place.open(exampleManifest({ settings }), true);
  assert.deepEqual(fresh.missing, [0, 1, 2]);
});

Deno.test("WorkFolder: a file or folder by its name that no job left is not touched, even with --fresh", async () => {
  await using place = await workplace();
  await mkdir(place.file("out.mp4.part"));
  await writeFile(place.file("out.mp4.part/mine.txt"), "precious");
  for (const fresh of [false, true]) {
    await assert.rejects(place.open(exampleManifest(), fresh), {
      message: /no job of this program has left it/,
    });
  }
  assert.equal(await readFile(place.file("out.mp4.part/mine.txt"), "utf8"), "precious");
  assert.deepEqual(await place.names(), ["in.mp4", "out.mp4.part"]);
});

Deno.test("WorkFolder: is removed when a run ends that has done no segment: nothing is lost, and other settings are free", async () => {
  await using place = await workplace();
  {
    await using _work = await place.open();
    assert.deepEqual(await place.names(), ["in.mp4", "out.mp4.part", "out.mp4.part.lock"]);
  }
  assert.deepEqual(await place.names(), ["in.mp4"]);
});

Deno.test("WorkFolder: gives the joined video its name and removes the folder; an output that exists is kept", async () => {
  await using place = await workplace();
  await using work = await place.open();
  await writeFile(work.joinedPath, "the new one");
  await writeFile(place.output, "the old one");
  await assert.rejects(work.complete(false), { name: "MediaError", message: /The output exists/ });
  assert.equal(await readFile(place.output, "utf8"), "the old one");
  await work.complete(true);
  assert.equal(await readFile(place.output, "utf8"), "the new one");
  await work[Symbol.asyncDispose]();
  assert.deepEqual(await place.names(), ["in.mp4", "out.mp4"]);
});

Deno.test("WorkFolder: an output in a folder that is not there is refused in plain words", async () => {
  await using place = await workplace();
  const options = { input: place.file("in.mp4"), job: exampleManifest() };
  await assert.rejects(
    WorkFolder.open(place.file("none/out.mp4"), {
      ...options,
      plan: () => Promise.resolve(exampleManifest()),
    }),
    { name: "MediaError", message: /none\/out\.mp4: Cannot be written: / },
  );
});
