/** How a program ended. */
export interface ProgramResult {
  /** Exit code; `null` if the program could not be started. */
  readonly code: number | null;
  /** Its stderr, unless that was shown. */
  readonly stderr: string;
}

/** Options of {@linkcode RunProgram}. */
export interface RunProgramOptions {
  /** Pass its output through to the user's terminal. @default {false} */
  readonly show?: boolean;
  /** Kills it. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end. A missing program is a result, not an error. */
export type RunProgram = (
  program: string,
  args: readonly string[],
  options?: RunProgramOptions,
) => Promise<ProgramResult>;

/** {@linkcode RunProgram} with real programs. */
export const runProgram: RunProgram = async (program, args, { show = false, signal } = {}) => {
  try {
    const command = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: show ? "inherit" : "null",
      stderr: show ? "inherit" : "piped",
      ...(signal === undefined ? {} : { signal }),
    });
    const output = await command.output();
    return { code: output.code, stderr: show ? "" : new TextDecoder().decode(output.stderr) };
  } catch (error) {
    signal?.throwIfAborted();
    // A program named in --allow-run is not permitted if it is not on PATH.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return { code: null, stderr: error.message };
    }
    throw error;
  }
};
