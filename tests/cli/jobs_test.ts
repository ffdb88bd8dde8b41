import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describeJobs } from "../../src/cli/jobs.ts";
import { workplace } from "../helpers/deblur_workplace.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { HAS_NATS_SERVER, natsServer } from "../helpers/nats_server.ts";
import { runCli } from "../helpers/run_cli.ts";

Deno.test("describeJobs: a line for each job and worker", () => {
  const job = "a".repeat(24);
  const state = { name: "clip.mp4", segments: 60, done: 41, before: 0, startedAt: 0, at: 0 };
  const text = describeJobs({
    jobs: [{ id: job, ...state, secondsLeft: 125 }],
    workers: [
      { host: "here", device: "cpu", task: { job, index: 41 }, share: 0.5, at: 0 },
      { host: "there", device: "cuda", at: 0 },
    ],
  }, 1000);
  assert.equal(
    text,
    `${job}  clip.mp4: 41 of 60 segments, 2:05 left\nWorkers:\n` +
      `  here (cpu): segment 42 of ${job}, 50 %\n  there (cuda): waits for a segment\n`,
  );
  assert.match(
    describeJobs({ jobs: [], workers: [] }, 0),
    /^No jobs\nNo workers\. Start some with deno task work\n$/,
  );
});

Deno.test("describeJobs: a job whose deblur was killed is not shown as if it went on", () => {
  const state = {
    name: "clip.mp4",
    segments: 60,
    done: 41,
    before: 0,
    startedAt: 0,
    at: 0,
    secondsLeft: 125,
  };
  assert.match(
    describeJobs({ jobs: [{ id: "a".repeat(24), ...state }], workers: [] }, 190_000),
    /clip\.mp4: 41 of 60 segments, its deblur has been silent for 3:10: run it again, or use --cancel\n/,
  );
});

Deno.test({
  name:
    "deblur --workers: a worker restores what the command hands out, as one machine does; jobs lists both",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using server = await natsServer();
    await using place = await workplace();
    const input = place.file("long.mp4");
    await makeClip(input, { pts: Array.from({ length: 30 }, (_, i) => i), audioSeconds: 1.2 });
    const args = [input, "--segment", "0.4", "--everywhere"];
    const ending = new AbortController();
    const working = runCli(["work", server.address, "--device", "cpu"], { signal: ending.signal });
    const shared = await place.deblur([...args, "--workers", server.address, "-o", place.file("shared.mp4")]);
    assert.equal(shared.code, 0, shared.stderr);
    assert.match(
      shared.stderr,
      /shared\.mp4: job [0-9a-f]{24} waits for workers at nats:\/\/127\.0\.0\.1:\d+\n/,
    );
    const list = JSON.parse((await runCli(["jobs", server.address, "--json"])).stdout);
    assert.deepEqual([list.jobs, list.workers.length, list.workers[0]?.device], [[], 1, "cpu"]);
    ending.abort(new Error("stopped"));
    assert.equal((await working).code, 0);
    const alone = await place.deblur([...args, "-o", place.file("alone.mp4")]);
    assert.equal(alone.code, 0, alone.stderr);
    const bytes = await readFile(place.file("shared.mp4"));
    assert.ok(bytes.equals(await readFile(place.file("alone.mp4"))), "the bytes differ");
    const { code, stderr } = await runCli(["jobs", server.address, "--cancel", "0".repeat(24)]);
    assert.equal(code, 1);
    assert.match(stderr, /There is no job/);
  },
});

Deno.test("jobs: what is wrong with the command line is told", async () => {
  for (const args of [[], ["host:4222"], ["nats://a", "b"]]) {
    assert.equal((await runCli(["jobs", ...args])).code, 2, `${args}`);
  }
});
