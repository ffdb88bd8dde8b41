import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { PartLock } from "../src/part_lock.ts";
import { holdPart } from "./helpers/hold_part.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("PartLock: is held once, gone when released, and not left over then", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("out.mp4.part");
  const first = await PartLock.take(path);
  assert.equal(first?.isLeftOver, false);
  await assert.rejects(PartLock.take(path), { name: "MediaError", message: /Another job is writing it/ });
  assert.deepEqual(await readdir(folder.path), ["out.mp4.part.lock"], "the refused job left the lock file");
  await first?.release();
  await first?.release();
  assert.deepEqual(await readdir(folder.path), []);
  const second = await PartLock.take(path);
  assert.equal(second?.isLeftOver, false);
  await second?.release();
});

Deno.test("PartLock: many that want it at once get it one after another, and nobody finds it left over", async () => {
  await using folder = await temporaryFolder();
  let [holders, most, leftOver] = [0, 0, 0];
  const hold = async (): Promise<void> => {
    const lock = await PartLock.take(folder.file("a.part")).catch(() => undefined);
    if (lock === undefined) return await hold();
    most = Math.max(most, ++holders);
    leftOver += Number(lock.isLeftOver);
    await Promise.resolve();
    holders--;
    await lock.release();
  };
  await Promise.all(Array.from({ length: 8 }, hold));
  assert.deepEqual([most, leftOver], [1, 0]);
});

Deno.test("PartLock: tells the process that holds it, and that a killed one has left it over", async () => {
  await using folder = await temporaryFolder();
  {
    await using job = await holdPart(folder.file("out.mp4"));
    const said = Deno.build.os === "windows" ? "" : ` \\(process ${job.pid}, since `;
    await assert.rejects(PartLock.take(folder.file("out.mp4.part")), {
      name: "MediaError",
      message: new RegExp(`out\\.mp4\\.part: Another job is writing it${said}`),
    });
  }
  const lock = await PartLock.take(folder.file("out.mp4.part"));
  assert.equal(lock?.isLeftOver, true);
  await lock?.release();
});

Deno.test("PartLock: a lock file of no content was left by a job that had written nothing yet", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("a.part.lock"), "");
  const lock = await PartLock.take(folder.file("a.part"));
  assert.equal(lock?.isLeftOver, false);
  await lock?.release();
});
