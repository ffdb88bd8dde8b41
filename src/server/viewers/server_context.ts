import type { DeviceChoice } from "../../../mod.ts";
import type { Settings } from "../protocol.ts";
import type { PreviewSources } from "../sources/playback.ts";
import type { EnginePool } from "./engine_pool.ts";
import type { Metrics } from "./metrics.ts";

/** What all sessions of a server share. */
export interface ServerContext {
  readonly sources: PreviewSources;
  /** Absent for a job, whose frames are already restored. */
  readonly engines?: EnginePool;
  /** Presets a viewer may choose. */
  readonly presets: readonly string[];
  /** Devices a viewer may choose, each with a line that says what it is. */
  readonly devices: ReadonlyMap<DeviceChoice, string>;
  /** Settings of a new viewer. */
  readonly settings: Settings;
  readonly metrics: Metrics;
}
