import { DEVICE_CHOICES, type DeviceChoice, openMedia, readFrameTimes } from "../../mod.ts";
import { servePreview, type ServePreviewOptions } from "./http/serve_preview.ts";
import { JobBoard } from "./jobs/job_board.ts";
import { JobSources } from "./jobs/job_sources.ts";
import type { WatchedJob } from "./jobs/watched_job.ts";
import { FileSources } from "./sources/file_sources.ts";
import { Metrics } from "./viewers/metrics.ts";
import { Viewers } from "./viewers/viewers.ts";
import { initialSettings } from "./protocol.ts";

/** Options of {@linkcode createJobPreview}. Preset, device and detail are displayed only. */
export interface JobPreviewOptions extends ServePreviewOptions {
  /** Preset of the jobs. @default {"fast-video"} */
  readonly preset?: string;
  /** Device of the jobs. @default {"auto"} */
  readonly device?: DeviceChoice;
  /** Gain of what the network changes. @default {1} */
  readonly detail?: number;
}

/** A preview page of running jobs, one after the other. Disposing it disconnects the viewers and closes the port. */
export interface JobPreview extends AsyncDisposable {
  /** Address of the page, with its token. */
  readonly url: string;
  /** Adds a job that waits; what it does is said by the methods of the result. @param name A file name, not a path. */
  add(name: string): WatchedJob;
}

/**
 * Serves the preview page for the jobs of one command. Viewers can only watch.
 *
 * @throws {ListenError} if the port is taken.
 */
export async function createJobPreview(options: JobPreviewOptions = {}): Promise<JobPreview> {
  const { preset = "fast-video", device = "auto", detail = 1, ...serve } = options;
  const board = new JobBoard();
  const nothing = {
    folder: "",
    list: () => Promise.resolve([]),
    passedOver: () => Promise.resolve(""),
    path: () => Promise.reject(new Error("no files")),
  };
  const files = new FileSources(nothing, { openMedia, readFrameTimes });
  const viewers = new Viewers({
    sources: new JobSources(board, (...result) => files.compare(...result)),
    board,
    presets: [preset],
    devices: new Map([[device, DEVICE_CHOICES.get(device) ?? ""]]),
    settings: initialSettings({ preset, device, detail }),
    metrics: new Metrics(),
  });
  const served = await servePreview(viewers, serve);
  return {
    url: served.url,
    add: (name) => board.add(`job-${board.jobs.length + 1}`, name),
    [Symbol.asyncDispose]: async () => {
      for (const job of board.jobs) if (!job.isOver) job.become("cancelled");
      await served[Symbol.asyncDispose]();
    },
  };
}
