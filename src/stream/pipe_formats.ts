/** A container that can be written to a pipe. */
export type PipeFormat = "y4m" | "mkv" | "nut" | "ts" | "webm";

/** Every {@linkcode PipeFormat}. In a file of its own, so that naming them does not load FFmpeg. */
export const PIPE_FORMATS: readonly PipeFormat[] = ["y4m", "mkv", "nut", "ts", "webm"];

/** Whether a name, as of a command line, is a {@linkcode PipeFormat}. */
export function isPipeFormat(name: string): name is PipeFormat {
  return PIPE_FORMATS.some((format) => format === name);
}
