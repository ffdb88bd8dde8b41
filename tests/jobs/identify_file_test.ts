import assert from "node:assert/strict";
import { utimes, writeFile } from "node:fs/promises";
import { identifyFile } from "../../src/jobs/identify_file.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

Deno.test("identifyFile: sees a change of the size, of either end, and of the time", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("video");
  const content = new Uint8Array(3 * 2 ** 20);
  const at = new Date("2026-01-02T03:04:05Z");
  const identify = async (change: (bytes: Uint8Array) => Uint8Array | void, time = at) => {
    const bytes = content.slice();
    await writeFile(path, change(bytes) ?? bytes);
    await utimes(path, time, time);
    return JSON.stringify(await identifyFile(path));
  };
  const first = await identify(() => {});
  assert.equal(await identify(() => {}), first);
  const others = [
    await identify((bytes) => bytes.subarray(1)),
    await identify((bytes) => void (bytes[0] = 1)),
    await identify((bytes) => void (bytes[bytes.length - 1] = 1)),
    await identify(() => {}, new Date("2026-01-02T03:04:06Z")),
  ];
  assert.equal(new Set([first, ...others]).size, 5);
});
