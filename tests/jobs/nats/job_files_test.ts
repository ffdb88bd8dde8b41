import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { hashFile } from "../../../src/hash_file.ts";
import { identifyFile } from "../../../src/jobs/identify_file.ts";
import { jobDigest, serializeManifest } from "../../../src/jobs/job_manifest.ts";
import { JobCache } from "../../../src/jobs/nats/job_files.ts";
import { JobServer } from "../../../src/jobs/nats/job_server.ts";
import { jobId, OBJECTS } from "../../../src/jobs/nats/job_subjects.ts";
import { packageVersions } from "../../../src/jobs/package_versions.ts";
import { HAS_NATS_SERVER, natsServer } from "../../helpers/nats_server.ts";
import { exampleManifest } from "../../helpers/segment_job.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test({
  name: "JobCache: fetches the files of a job once, and refuses any that are not those of its id",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using server = await natsServer();
    await using folder = await temporaryFolder();
    await using connected = await JobServer.connect(server.address);
    await writeFile(folder.file("in.mp4"), "the input");
    const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
    const sha256 = await hashFile(weights);
    const manifest = exampleManifest({
      input: await identifyFile(folder.file("in.mp4")),
      weights: [sha256],
      versions: await packageVersions(),
    });
    const job = jobId(jobDigest(manifest));
    const cache = new JobCache(connected, folder.file("job"));
    assert.equal(await cache.open(job), undefined, "no such job");
    const store = await connected.makeStore(job, 2 ** 24);
    const put = (name: string, text: string | Uint8Array) =>
      store.putBlob({ name }, typeof text === "string" ? new TextEncoder().encode(text) : text);
    await put(OBJECTS.manifest, serializeManifest(exampleManifest()));
    await assert.rejects(cache.open(job), { name: "MediaError", message: /The manifest is another job's/ });
    const older = { ...manifest, versions: { "node-av": "5.0.0" } };
    const olderStore = await connected.makeStore(jobId(jobDigest(older)), 2 ** 24);
    await olderStore.putBlob({ name: OBJECTS.manifest }, new TextEncoder().encode(serializeManifest(older)));
    await assert.rejects(cache.open(jobId(jobDigest(older))), {
      message: /It needs node-av 5\.0\.0; this worker \(.+\) has node-av \d+\..+, onnxruntime-node \d+\./,
    });
    await put(OBJECTS.manifest, serializeManifest(manifest));
    await put(OBJECTS.weights(sha256), "other weights");
    await assert.rejects(cache.open(job), { message: /The weights are not those of the job/ });
    await put(OBJECTS.weights(sha256), await readFile(weights));
    await put(OBJECTS.input, "not input");
    await assert.rejects(cache.open(job), { message: /The input is not that of the job/ });
    await put(OBJECTS.input, "the input, and more");
    await assert.rejects(cache.open(job), { message: /offers 19 bytes of it, more than 9/ });
    await put(OBJECTS.input, "the input");
    const files = await cache.open(job);
    assert.equal(await readFile(files?.input ?? "", "utf8"), "the input");
    assert.deepEqual([files?.manifest, files?.weights.preset, files?.alone], [manifest, "smoke", undefined]);
    await put(OBJECTS.input, "never read");
    assert.equal((await cache.open(job))?.input, files?.input);
    assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "job", "smoke.safetensors"]);
  },
});
