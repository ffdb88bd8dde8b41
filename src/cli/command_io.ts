/** Where a command writes, and how it is stopped. */
export interface CommandIo {
  /** Writes the command's output: data for people or programs. */
  readonly stdout: (text: string) => void;
  /** Writes everything else: progress, warnings, errors. */
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal, which a progress bar needs. */
  readonly isTerminal: boolean;
  /** Aborted when the user stops the command. */
  readonly signal: AbortSignal;
  /**
   * Makes the next stop request call `handle` instead of aborting `signal`: for work that can be completed early.
   * Absent where every request aborts `signal`.
   */
  readonly catchStop?: (handle: () => void) => void;
}
