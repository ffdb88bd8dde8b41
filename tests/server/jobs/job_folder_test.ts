import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { JobFolder } from "../../../src/server/jobs/job_folder.ts";
import { isToken } from "../../../src/server/http/security.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const RECORD = {
  id: "job-1",
  source: "upload-1",
  name: "clip.mp4",
  settings: {
    preset: "fast",
    device: "cpu",
    detail: 1,
    everywhere: false,
    codec: null,
    crf: null,
    range: { start: 1, end: 2 },
    crop: null,
  },
  state: "waiting",
  output: "clip.deblurred.mp4",
  report: null,
  message: null,
} as const;
const STATE = { uploads: [{ id: "upload-1", name: "clip.mp4", bytes: 12 }], jobs: [RECORD] };

Deno.test("JobFolder gives back what was stored last, also after many changes at once", async () => {
  await using place = await temporaryFolder();
  {
    await using folder = await JobFolder.open(place.file("jobs"));
    assert.deepEqual(await folder.load(), { uploads: [], jobs: [] });
    const states = Array.from(
      { length: 20 },
      (_, i) => ({ uploads: [], jobs: [{ ...RECORD, id: `job-${i}` }] }),
    );
    await Promise.all(states.map((state) => folder.save(state)));
    await folder.save(STATE);
  }
  await using again = await JobFolder.open(place.file("jobs"));
  assert.deepEqual(await again.load(), STATE);
  assert.deepEqual((await readdir(place.file("jobs"))).sort(), ["jobs.json", "lock", "results", "uploads"]);
});

Deno.test("JobFolder: a list that cannot be understood is named, and not overwritten", async () => {
  await using place = await temporaryFolder();
  await using folder = await JobFolder.open(place.file("jobs"));
  const stored = [
    "not json",
    '{"version":2,"uploads":[],"jobs":[]}',
    '{"version":1,"uploads":[{}],"jobs":[]}',
  ];
  const climbing = JSON.stringify({ version: 1, uploads: [], jobs: [{ ...RECORD, output: "../x.mp4" }] });
  for (const text of [...stored, climbing]) {
    await writeFile(place.file("jobs/jobs.json"), text);
    await assert.rejects(
      folder.load(),
      /jobs\.json: The list of jobs cannot be read: .*Delete or rename it/s,
    );
    assert.equal(await readFile(place.file("jobs/jobs.json"), "utf8"), text);
  }
});

Deno.test("JobFolder is used by one server at a time", async () => {
  await using place = await temporaryFolder();
  {
    await using _folder = await JobFolder.open(place.file("jobs"));
    await assert.rejects(JobFolder.open(place.file("jobs")), {
      name: "UsageError",
      message: /jobs: another server uses it\. Choose another --jobs$/,
    });
  }
  await using _again = await JobFolder.open(place.file("jobs"));
});

Deno.test("JobFolder: a folder that cannot be made is a mistake on the command line", async () => {
  await using place = await temporaryFolder();
  await writeFile(place.file("file"), "");
  await assert.rejects(JobFolder.open(place.file("file")), {
    name: "UsageError",
    message: /Cannot keep jobs in .*file: .*Choose another --jobs/,
  });
});

Deno.test("JobFolder: a temporary one is gone with its server", async () => {
  let path: string;
  {
    await using folder = await JobFolder.open();
    path = folder.path;
    assert.ok(folder.isTemporary && await folder.freeBytes() > 0);
    await writeFile(folder.resultPath("clip.mp4"), "bytes");
  }
  await assert.rejects(stat(path));
});

Deno.test("JobFolder keeps one token, that others may not read", async () => {
  await using place = await temporaryFolder();
  await using folder = await JobFolder.open(place.file("jobs"));
  const token = await folder.token();
  assert.ok(isToken(token));
  assert.equal(await folder.token(), token);
  if (Deno.build.os !== "windows") assert.equal((await stat(place.file("jobs/token"))).mode & 0o077, 0);
});

Deno.test("JobFolder removes an upload with its folder, and a result with what was left of it", async () => {
  await using place = await temporaryFolder();
  await using folder = await JobFolder.open(place.file("jobs"));
  const upload = { id: "upload-1", name: "clip.mp4" };
  await mkdir(place.file("jobs/uploads/upload-1"));
  await writeFile(`${folder.uploadPath(upload)}.part`, "half");
  await folder.removeUpload(upload);
  await writeFile(folder.resultPath("a.mp4"), "whole");
  await writeFile(`${folder.resultPath("a.mp4")}.part`, "half");
  await folder.removeResult("a.mp4");
  assert.deepEqual([await readdir(place.file("jobs/uploads")), await readdir(place.file("jobs/results"))], [
    [],
    [],
  ]);
  assert.equal(folder.shownPath("a.mp4"), "jobs/results/a.mp4");
});
