import { type Device, DEVICES, type Engine } from "../../mod.ts";
import type { Progress } from "../progress.ts";
import { JobSources } from "./sources/job_sources.ts";
import { Metrics } from "./viewers/metrics.ts";
import { servePreview, type ServePreviewOptions } from "./http/serve_preview.ts";
import { Viewers } from "./viewers/viewers.ts";

/** Options of {@linkcode createJobPreview}. Preset, device and detail are displayed only. */
export interface JobPreviewOptions extends ServePreviewOptions {
  /** Preset of the job. @default {"fast"} */
  readonly preset?: string;
  /** Device of the job. @default {"cpu"} */
  readonly device?: Device;
  /** Gain of the *down* branch. @default {1} */
  readonly detail?: number;
}

/** A preview page of a running job. Disposing it disconnects the viewers and closes the port. */
export interface JobPreview extends AsyncDisposable {
  /** Address of the page, with its token. */
  readonly url: string;
  /**
   * The same engine, whose results the viewers see. This never delays or fails the job; without a viewer it costs a
   * counter. Disposing the result disposes `engine`.
   */
  watch(engine: Engine): Engine;
  /** Takes the job's progress. Its start must come before the first frame. */
  report(progress: Progress): void;
}

/**
 * Serves the preview page for one job. Viewers can only watch.
 *
 * @param name What viewers see as the job's name; a file name, not a path.
 * @throws {ListenError} if the port is taken.
 */
export async function createJobPreview(name: string, options: JobPreviewOptions = {}): Promise<JobPreview> {
  const { preset = "fast", device = "cpu", detail = 1, ...serve } = options;
  const sources = new JobSources(name);
  const viewers = new Viewers({
    sources,
    presets: [preset],
    devices: new Map([[device, DEVICES[device].about]]),
    settings: { preset, device, detail, branches: false, region: null },
    metrics: new Metrics(),
  });
  const served = await servePreview(viewers, serve);
  return {
    url: served.url,
    watch: (engine) => watched(engine, sources),
    report: (progress) => {
      if (progress.kind === "start") sources.start(progress.info);
      if (progress.kind === "end") sources.end();
      if (progress.kind !== "frame" || progress.total === undefined || progress.framesPerSecond <= 0) return;
      sources.secondsLeft = (progress.total - progress.done) / progress.framesPerSecond;
    },
    [Symbol.asyncDispose]: async () => {
      sources.end();
      await served[Symbol.asyncDispose]();
    },
  };
}

function watched(engine: Engine, sources: JobSources): Engine {
  return {
    device: engine.device,
    concurrency: engine.concurrency,
    ...(engine.frames && { frames: engine.frames }),
    run: async (picture, options) => {
      const restored = await engine.run(picture, options);
      sources.frames.offer(restored);
      return restored;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
