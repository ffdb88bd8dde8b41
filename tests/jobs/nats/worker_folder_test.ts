import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { WorkerFolder } from "../../../src/jobs/nats/worker_folder.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("WorkerFolder: what killed workers have left is removed, what others use or own is not", async () => {
  await using temporary = await temporaryFolder();
  await mkdir(temporary.file("mtdn-work-dead"));
  await writeFile(temporary.file("mtdn-work-dead/input"), "the input of its job");
  await writeFile(temporary.file("mtdn-work-dead.lock"), "process 1, since long ago\n");
  await mkdir(temporary.file("mtdn-work-unknown"));
  await mkdir(temporary.file("other"));
  await writeFile(temporary.file("other.lock"), "of another program");
  {
    await using running = await WorkerFolder.make(temporary.path);
    await writeFile(`${running.path}/input`, "the input");
    await using _second = await WorkerFolder.make(temporary.path);
    assert.deepEqual(await readdir(running.path), ["input"]);
  }
  assert.deepEqual((await readdir(temporary.path)).sort(), ["mtdn-work-unknown", "other", "other.lock"]);
});
