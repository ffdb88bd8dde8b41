import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { TensorBoard } from "../../../src/train/report/tensorboard.ts";
import { readPoints, readRecords } from "../../helpers/event_file.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** Holds an event file of TensorFlow 2.18: one point, 0.25 of "a curve" at step 3. */
const NATIVE = fileURLToPath(new URL("../../fixtures/tensorboard", import.meta.url));

Deno.test("TensorBoard writes each point at once to an event file", async () => {
  await using folder = await temporaryFolder();
  const directory = folder.file("run/tensorboard");
  using board = TensorBoard.open(directory);
  const points = Array.from({ length: 20 }, (_, i) => ({ tag: "a curve", step: i, value: i / 4 }));
  for (const { tag, step, value } of points) {
    board.scalar(tag, value, step);
    assert.deepEqual(await readPoints(directory), points.slice(0, step + 1));
  }
  const [name = "", ...others] = await readdir(directory);
  assert.equal(others.length, 0);
  assert.match(name, /^events\.out\.tfevents\.\d{10}\./); // what TensorBoard looks for
});

Deno.test("TensorBoard writes the bytes that TensorFlow's own writer does, but for the time", async () => {
  await using folder = await temporaryFolder();
  {
    using board = TensorBoard.open(folder.path);
    board.scalar("a curve", 0.25, 3);
  }
  const [version = new Uint8Array(), point = new Uint8Array()] = await readRecords(folder.path);
  const [nativeVersion = new Uint8Array(), nativePoint = new Uint8Array()] = await readRecords(NATIVE);
  const withoutTime = (event: Uint8Array) => event.subarray(9);
  assert.deepEqual(withoutTime(point), withoutTime(nativePoint));
  const shared = withoutTime(version);
  assert.deepEqual(shared, withoutTime(nativeVersion).subarray(0, shared.length)); // it adds the writer's name
  const time = new DataView(point.buffer, point.byteOffset).getFloat64(1, true);
  assert.ok(Math.abs(time - Date.now() / 1000) < 600, `${time} is in seconds`);
  assert.deepEqual(await readPoints(folder.path), await readPoints(NATIVE));
});

Deno.test("TensorBoard names a folder that cannot be created", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("run"), "");
  assert.throws(() => TensorBoard.open(folder.file("run/tensorboard")), { name: "MediaError" });
});
