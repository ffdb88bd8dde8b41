import assert from "node:assert/strict";
import { packageVersions } from "../../src/jobs/package_versions.ts";

Deno.test("packageVersions: those that are loaded, as deno.lock has them", async () => {
  const versions = await packageVersions();
  const { npm } = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
  assert.deepEqual(Object.keys(versions), ["node-av", "onnxruntime-node"]);
  for (const [name, version] of Object.entries(versions)) {
    assert.ok(npm[`${name}@${version}`], `${name} ${version}`);
  }
});
