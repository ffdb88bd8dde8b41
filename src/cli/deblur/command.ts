import type { Engine, MediaInfo, PrecisionChoice } from "../../../mod.ts";
import type { NetworkChoice, Networks } from "./choose_networks.ts";
import type { CommandIo } from "../command_io.ts";
import type { DeblurFlags } from "./deblur_flags.ts";
import type { JobViewer } from "./job_viewer.ts";

/** What all jobs of one command line share. */
export interface Command {
  readonly flags: DeblurFlags;
  readonly io: CommandIo;
  readonly networks: NetworkChoice;
  /** The engine for a kind of input, opened by the first job that gets this far: a wrong file name is reported before that. */
  readonly engine: (kind: MediaInfo["kind"]) => Promise<Engine>;
  /** Shows the jobs in a browser; absent without --preview. */
  readonly viewer?: JobViewer;
  /** Opens an engine for one job alone, which disposes it. @param precision Instead of what the command line asks for. */
  readonly openEngine: (networks: Networks, precision?: PrecisionChoice) => Promise<Engine>;
}
