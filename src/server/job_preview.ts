import type { Engine } from "../model/engine/engine.ts";
import type { Progress } from "../progress.ts";
import { JobFeeds } from "./job_feeds.ts";
import { Metrics } from "./metrics.ts";
import { servePreview, type ServePreviewOptions } from "./serve_preview.ts";
import { Viewers } from "./viewers.ts";

/** Options of {@linkcode createJobPreview}. */
export interface JobPreviewOptions extends ServePreviewOptions {
  /** Preset the job runs, for viewers to read. @default {"fast"} */
  readonly preset?: string;
  /** Device the job runs on, for viewers to read. @default {"cpu"} */
  readonly device?: string;
  /** Gain of the *down* branch the job runs with, for viewers to read. @default {1} */
  readonly detail?: number;
}

/** The page on a running job. Disposing it sends viewers away and closes the port. */
export interface JobPreview extends AsyncDisposable {
  /** The page, with its token: what to open. */
  readonly url: string;
  /**
   * The same engine, with every result shown to whoever looks. Showing never waits and never fails the job; without
   * a viewer it costs a counter. Disposing the result disposes `engine`.
   */
  watch(engine: Engine): Engine;
  /** Takes the job's progress: its source before the first frame, the time left, the end. */
  report(progress: Progress): void;
}

/**
 * Serves the preview page for one job, which stays in charge: viewers see what passes, and can change nothing.
 *
 * @param name What viewers are shown as the job's name; a file name, not a path.
 * @throws {Deno.errors.AddrInUse} if the port is taken.
 */
export async function createJobPreview(name: string, options: JobPreviewOptions = {}): Promise<JobPreview> {
  const { preset = "fast", device = "cpu", detail = 1, ...serve } = options;
  const feeds = new JobFeeds(name);
  const viewers = new Viewers({
    feeds,
    presets: [preset],
    devices: [device],
    settings: { preset, device, detail, branches: false, region: null },
    metrics: new Metrics(),
  });
  const served = await servePreview(viewers, serve);
  return {
    url: served.url,
    watch: (engine) => watched(engine, feeds),
    report: (progress) => {
      if (progress.kind === "start") feeds.describe(progress.info);
      if (progress.kind === "end") feeds.end();
      if (progress.kind !== "frame" || progress.total === undefined || progress.framesPerSecond <= 0) return;
      feeds.secondsLeft = (progress.total - progress.done) / progress.framesPerSecond;
    },
    [Symbol.asyncDispose]: async () => {
      feeds.end();
      await served[Symbol.asyncDispose]();
    },
  };
}

function watched(engine: Engine, feeds: JobFeeds): Engine {
  return {
    device: engine.device,
    concurrency: engine.concurrency,
    ...(engine.frames && { frames: engine.frames }),
    run: async (picture, options) => {
      const restored = await engine.run(picture, options);
      feeds.offer(restored);
      return restored;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
