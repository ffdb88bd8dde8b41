/**
 * Videos in segments: a job that is killed goes on, and many machines share one.
 *
 * @module
 */
export { restoreInSegments, type RestoreInSegmentsOptions } from "./restore_in_segments.ts";
export { runHere } from "./run_here.ts";
