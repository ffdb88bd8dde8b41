import type { Engine, Weights } from "../../../mod.ts";
import type { CommandIo } from "../command_io.ts";
import type { DeblurFlags } from "./deblur_flags.ts";

/** What all jobs of one command line share. */
export interface Command {
  readonly flags: DeblurFlags;
  readonly io: CommandIo;
  readonly weights: Weights;
  /** The engine of all jobs, opened by the first that gets this far: a wrong file name is reported before that. */
  readonly engine: () => Promise<Engine>;
}
