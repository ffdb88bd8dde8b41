import type { DeviceChoice } from "../../../mod.ts";
import type { JobBoard } from "../jobs/job_board.ts";
import type { Workbench } from "../jobs/workbench.ts";
import type { Settings } from "../protocol.ts";
import type { PreviewSources } from "../sources/playback.ts";
import type { Thumbnails } from "../sources/thumbnails.ts";
import type { EnginePool } from "./engine_pool.ts";
import type { Metrics } from "./metrics.ts";

/** What all sessions of a server share. */
export interface ServerContext {
  readonly sources: PreviewSources;
  /** Absent for a job, whose frames are already restored. */
  readonly engines?: EnginePool;
  /** Takes files and restores them; absent where that is not offered. */
  readonly workbench?: Workbench;
  /** Small pictures for the timeline; absent where sources are no files. */
  readonly thumbnails?: Thumbnails;
  /** The jobs that viewers see; absent where there are none. */
  readonly board?: JobBoard;
  /** Presets a viewer may choose. */
  readonly presets: readonly string[];
  /** Devices a viewer may choose, each with a line that says what it is. */
  readonly devices: ReadonlyMap<DeviceChoice, string>;
  /** Settings of a new viewer. */
  readonly settings: Settings;
  readonly metrics: Metrics;
}
