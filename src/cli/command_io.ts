/** What a command may speak through, and what can stop it. */
export interface CommandIo {
  /** Writes data for whoever reads the command's output. */
  readonly stdout: (text: string) => void;
  /** Writes talk: progress, warnings, errors. */
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal, where a progress bar makes sense. */
  readonly isTerminal: boolean;
  /** Aborted when the user wants the command to stop. */
  readonly signal: AbortSignal;
  /**
   * The user's next wish to stop calls `handle` and leaves `signal` alone: for work whose beginning is worth keeping.
   * Absent where every wish aborts `signal`.
   */
  readonly catchStop?: (handle: () => void) => void;
}
