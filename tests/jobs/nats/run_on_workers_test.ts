import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { restoreInSegments, type RestoreInSegmentsOptions, runHere } from "../../../src/jobs/mod.ts";
import { jobDigest, parseManifest } from "../../../src/jobs/job_manifest.ts";
import type { SegmentRecord } from "../../../src/jobs/segment_record.ts";
import { messageBytes } from "../../../src/jobs/nats/job_messages.ts";
import { JobServer } from "../../../src/jobs/nats/job_server.ts";
import { OBJECTS, SUBJECTS } from "../../../src/jobs/nats/job_subjects.ts";
import { cancelJob, listJobs } from "../../../src/jobs/nats/list_jobs.ts";
import { runOnWorkers } from "../../../src/jobs/nats/run_on_workers.ts";
import { work, type WorkOptions } from "../../../src/jobs/nats/work.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import type { Picture } from "../../../src/frame.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { HAS_NATS_SERVER, natsServer } from "../../helpers/nats_server.ts";
import { makeVariedClip, SEGMENT_TEST } from "../../helpers/segment_test.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { tellingEngine } from "../../helpers/telling_engine.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { hashFile } from "../../../src/hash_file.ts";
import { PERMISSIONS } from "../../helpers/permissions.ts";

const WORKER = fileURLToPath(new URL("../../fixtures/segment_worker.ts", import.meta.url));

/** How long a worker may say nothing: a busy machine may be busy with something else that long. */
const SILENCE_MS = 6000;

/** A worker in a process of its own. */
function startWorker(address: string, ms: number) {
  const child = spawn(Deno.execPath(), [
    "run",
    "--quiet",
    "--no-prompt",
    ...PERMISSIONS,
    "--allow-net",
    WORKER,
    address,
    `${ms}`,
    `${SILENCE_MS}`,
  ], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (text) => said += text);
  const ended = once(child, "close");
  return {
    child,
    said: () => said,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function until(isTrue: () => boolean | Promise<boolean>, child?: ChildProcess): Promise<void> {
  while (!await isTrue()) {
    assert.ok(child === undefined || child.exitCode === null, "the worker ended");
    await delay(20);
  }
}

async function sharedJob(args: readonly string[] = []) {
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await natsServer(args));
  const folder = opening.use(await temporaryFolder());
  const input = folder.file("in.mkv");
  await makeVariedClip(input, { audioSeconds: 4 });
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  const options: RestoreInSegmentsOptions = {
    ...SEGMENT_TEST,
    weights: [{ sha256: await hashFile(weights) }],
  };
  const job = opening.use(await JobServer.connect(server.address, { silenceMs: SILENCE_MS }));
  const run = async (output: string, more: Partial<RestoreInSegmentsOptions> = {}) => {
    await using source = await openVideo(input);
    const runner = runOnWorkers(job, { input, weights: [await readFile(weights)] });
    await restoreInSegments(source, output, runner, { ...options, ...more });
  };
  /** What one machine writes. */
  const alone = async () => {
    await using source = await openVideo(input);
    const output = folder.file("alone.mkv");
    await restoreInSegments(source, output, runHere(input, () => Promise.resolve(tellingEngine())), options);
    return await readFile(output);
  };
  /** A worker in this process. */
  const startHere = (more: Partial<WorkOptions> = {}) => {
    const ending = new AbortController();
    const lines: string[] = [];
    const running = work(job, {
      signal: ending.signal,
      ...{ silenceMs: SILENCE_MS, retryMs: 50 },
      onLine: (line) => lines.push(line),
      open: () => Promise.resolve(tellingEngine()),
      ...more,
    });
    return {
      lines,
      async [Symbol.asyncDispose]() {
        ending.abort();
        await running;
      },
    };
  };
  const owned = opening.move();
  return {
    ...folder,
    server,
    job,
    input,
    run,
    alone,
    startHere,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Objects and messages of jobs that are left on a server. */
async function leftOn({ streams }: JobServer): Promise<number> {
  let left = 0;
  for await (const { config, state } of streams.streams.list()) {
    if (config.name !== "MTDN_STATE") left += config.name.startsWith("OBJ_") ? 1 : state.messages;
  }
  return left + (await streams.streams.info("MTDN_STATE", { subjects_filter: "mtdn.state.job.>" }).then(
    ({ state }) => Object.keys(state.subjects ?? {}).length,
  ));
}

Deno.test({
  name: "runOnWorkers: three workers, one killed in the middle and one added, write the bytes of one machine",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using place = await sharedJob();
    const { address } = place.server;
    await using slow = startWorker(address, 60_000);
    await using first = startWorker(address, 1);
    await until(() => slow.said().includes("Waiting") && first.said().includes("Waiting"), slow.child);
    let done = 0;
    const running = place.run(place.file("out.mkv"), { onSegments: (_all, now) => done = now });
    // Both have a segment, or the fast one has done all others.
    const isBusy = async () =>
      done >= 6 || (await listJobs(place.job)).workers.filter(({ task }) => task).length === 2;
    await until(isBusy);
    await slow[Symbol.asyncDispose](); // with a segment that it will never finish
    await using _added = startWorker(address, 1);
    await running;
    assert.equal(done, 7);
    assert.ok((await readFile(place.file("out.mkv"))).equals(await place.alone()), "the bytes differ");
    assert.equal(await leftOn(place.job), 0, "something is left on the server");
  },
});

Deno.test({
  name: "runOnWorkers: goes on when the server is killed in the middle and comes back",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using place = await sharedJob();
    await using _worker = startWorker(place.server.address, 20);
    let done = 0;
    const running = place.run(place.file("out.mkv"), { onSegments: (_all, now) => done = now });
    await until(() => done >= 2);
    await place.server.kill();
    await delay(300); // the others notice
    await place.server.start();
    await running;
    assert.ok((await readFile(place.file("out.mkv"))).equals(await place.alone()), "the bytes differ");
  },
});

Deno.test({
  name:
    "runOnWorkers: a segment that always fails stops no other; the job names it, and the next run does it alone",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using place = await sharedJob();
    const output = place.file("out.mkv");
    let isBroken = true;
    let pictures = 0;
    // The picture that follows the first three segments fails, whoever restores it, and however often.
    const poisoned = (picture: Picture) => {
      pictures++;
      if (isBroken && sumOf(picture) === poison) throw new Error("the device is gone");
    };
    const sums = (await collectFrames(place.input)).map(sumOf);
    const single = sums.slice(42, 56).filter((sum) => sums.indexOf(sum) === sums.lastIndexOf(sum));
    const poison = single[Math.floor(single.length / 2)]; // not beside another segment
    assert.ok(poison !== undefined, "a picture that the fourth segment alone has");
    await using worker = place.startHere({ open: () => Promise.resolve(tellingEngine(poisoned)) });
    await assert.rejects(place.run(output), {
      name: "MediaError",
      message: /in\.mkv: Segment 4 of 7 failed: the device is gone\. The same command tries again$/,
    });
    const lines = worker.lines.filter((line) => line.startsWith("Failed: segment 4"));
    assert.equal(lines.length, 5, `${worker.lines}`);
    assert.match(lines[4] ?? "", /try 5 of 5: the device is gone/);
    assert.equal(await leftOn(place.job), 0);
    isBroken = false;
    pictures = 0;
    await place.run(output);
    const differing = sums.slice(42, 56).filter((sum, i, all) => sum !== all[i - 1]).length;
    assert.equal(
      pictures,
      differing + 2,
      "the segment that failed and a frame on either side of it, to fuse with",
    );
    assert.ok((await readFile(output)).equals(await place.alone()));
  },
});

function sumOf({ data }: Picture): number {
  let sum = 0;
  for (const value of data) sum = (31 * sum + value) % 1_000_003;
  return sum;
}

Deno.test({
  name: "cancelJob: the job fails by name, its worker goes on to the next one, and nothing of it is left",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using place = await sharedJob();
    const gate = Promise.withResolvers<void>();
    await using worker = place.startHere({ open: () => Promise.resolve(tellingEngine(() => gate.promise)) });
    const running = place.run(place.file("out.mkv"));
    const failed = assert.rejects(running, {
      name: "MediaError",
      message: /in\.mkv: Its job [0-9a-f]{24} was cancelled/,
    });
    await until(async () => (await listJobs(place.job)).workers.some(({ task }) => task));
    const { jobs: [job] } = await listJobs(place.job);
    assert.deepEqual([job?.name, job?.segments, job?.done], ["in.mkv", 7, 0]);
    await assert.rejects(cancelJob(place.job, "0".repeat(24)), { message: /There is no job/ });
    await cancelJob(place.job, job?.id ?? "");
    await failed;
    gate.resolve();
    await place.run(place.file("out.mkv"));
    assert.ok((await readFile(place.file("out.mkv"))).equals(await place.alone()));
    assert.ok(worker.lines.length >= 8);
    assert.equal(await leftOn(place.job), 0);
  },
});

Deno.test({
  name:
    "runOnWorkers: an abort gives the segments back, removes the job from the server, and keeps what is done",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using place = await sharedJob();
    await using _worker = place.startHere();
    const ending = new AbortController();
    const reason = new Error("enough");
    const running = place.run(place.file("out.mkv"), {
      signal: ending.signal,
      onSegments: (_all, now) => void (now === 3 && ending.abort(reason)),
    });
    await assert.rejects(running, (error) => error === reason);
    assert.equal(await leftOn(place.job), 0);
    const files = await readdir(place.file("out.mkv.part"));
    assert.ok(files.filter((name) => /^\d+\.json$/.test(name)).length >= 3);
  },
});

Deno.test({
  name:
    "runOnWorkers: the result of another segment is not taken for one that is missing: it is restored again",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using place = await sharedJob();
    const running = place.run(place.file("out.mkv"));
    await until(async () => (await listJobs(place.job)).jobs.length === 1);
    const [{ id } = assert.fail("no job")] = (await listJobs(place.job)).jobs;
    const store = await place.job.openStore(id) ?? assert.fail("no store");
    const manifest = parseManifest(
      new TextDecoder().decode(await store.getBlob(OBJECTS.manifest) ?? undefined),
    );
    const content = new TextEncoder().encode("segment 2");
    await store.putBlob({ name: OBJECTS.segment(1) }, content);
    const record: SegmentRecord = {
      ...{ job: jobDigest(manifest), index: 2, sha256: createHash("sha256").update(content).digest("hex") },
      ...{ frames: 14, width: 128, height: 96, stillShare: 0, precision: "float32", notes: [] },
    };
    const result = messageBytes({ kind: "done", record, bytes: content.length });
    await place.job.client.publish(SUBJECTS.result(id, 1), result);
    await until(async () => (await place.job.subjects(SUBJECTS.result(id, "*"))).length === 0);
    await using _worker = place.startHere();
    await running;
    assert.ok((await readFile(place.file("out.mkv"))).equals(await place.alone()), "the bytes differ");
  },
});
