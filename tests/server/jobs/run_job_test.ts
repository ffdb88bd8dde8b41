import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createOutput, deblur, openMedia } from "../../../mod.ts";
import { runJob } from "../../../src/server/jobs/run_job.ts";
import { WatchedJob } from "../../../src/server/jobs/watched_job.ts";
import { EnginePool } from "../../../src/server/viewers/engine_pool.ts";
import { JOB_SETTINGS, jobPlace } from "../../helpers/preview/open_workbench.ts";

/** Runs a job on the clip, and returns what it wrote. */
async function run(place: Awaited<ReturnType<typeof jobPlace>>, settings = JOB_SETTINGS, input = place.clip) {
  await using engines = new EnginePool({ open: place.openSmoke });
  const output = place.file("result.mp4");
  const watched = new WatchedJob("job-1", "clip.mp4");
  const { signal } = new AbortController();
  const report = await runJob({ settings, input, output, watched, signal }, { engines, openMedia });
  return { report, watched, output };
}

Deno.test("runJob writes the bytes that deblur writes with the same settings", async () => {
  const range = { start: 2 / 25, end: 9 / 25 };
  const crop = { x: 8, y: 4, width: 24, height: 16 };
  for (
    const [settings, part, written, restored] of [
      [JOB_SETTINGS, {}, {}, {}],
      [
        { ...JOB_SETTINGS, detail: 2, everywhere: true, codec: "h264" },
        {},
        { codec: "h264" },
        { detail: 2, everywhere: true },
      ],
      [
        { ...JOB_SETTINGS, range, crop, crf: 30 },
        { start: range.start, duration: range.end - range.start },
        { crf: 30, crop },
        { crop },
      ],
    ] as const
  ) {
    await using place = await jobPlace();
    const { report, output } = await run(place, settings);
    const expected = place.file("expected.mp4");
    await using source = await openMedia(place.clip, part);
    await using sink = await createOutput(expected, { source: source.info, ...written });
    await using engine = await place.openSmoke();
    const { frames } = await deblur(source, sink, engine, restored);
    assert.equal(report.frames, frames);
    assert.deepEqual(await readFile(output), await readFile(expected));
  }
});

Deno.test("runJob reports progress, and keeps what can be decoded of a damaged clip, with what is missing", async () => {
  await using place = await jobPlace();
  const bytes = await readFile(place.clip);
  const cut = place.file("cut.mp4");
  await Deno.writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * 0.9)));
  await assert.rejects(run(place, JOB_SETTINGS, cut), /cut\.mp4/, "the index of this file is at its end");
  const { report, watched } = await run(place);
  assert.deepEqual([report.frames, report.damage, watched.describe().done], [12, null, 12]);
});

Deno.test("runJob stops when it is cancelled, and leaves no output", async () => {
  await using place = await jobPlace();
  await using engines = new EnginePool({ open: place.openSmoke });
  const output = place.file("result.mp4");
  const stop = new AbortController();
  const watched = new WatchedJob("job-1", "clip.mp4");
  watched.listen((change) =>
    change === "progress" ? stop.abort(new DOMException("Stopped", "AbortError")) : undefined
  );
  const running = runJob(
    { settings: JOB_SETTINGS, input: place.clip, output, watched, signal: stop.signal },
    {
      engines,
      openMedia,
    },
  );
  await assert.rejects(running, { name: "AbortError" });
  await assert.rejects(Deno.stat(output), Deno.errors.NotFound);
  await assert.rejects(Deno.stat(`${output}.part`), Deno.errors.NotFound);
});
