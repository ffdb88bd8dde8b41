import { findFfmpeg } from "../../src/stream/process/find_ffmpeg.ts";

/** The ffmpeg program of this machine, if it has one. */
export const ffmpegProgram = await findFfmpeg().catch(() => undefined);

/** How far the pictures of two programs may be apart: each resamples chroma its own way. */
export const TOLERANCE = 12;

/** A test that needs an ffmpeg program; reported as ignored where there is none. */
export function testWithFfmpeg(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: ffmpegProgram === undefined, fn });
}
