import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { hashFile } from "../src/hash_file.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("hashFile: the SHA-256 of a file's bytes; the signal stops it", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("abc.txt");
  await writeFile(path, "abc");
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // of FIPS 180-2, appendix B.1
  assert.equal(await hashFile(path), sha256);
  await assert.rejects(hashFile(path, AbortSignal.abort()), { name: "AbortError" });
  await assert.rejects(hashFile(folder.file("none")), { code: "ENOENT" });
});
