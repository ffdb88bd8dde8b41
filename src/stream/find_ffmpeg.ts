import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import staticPath from "ffmpeg-static";
import { MediaError } from "../errors.ts";

/**
 * The ffmpeg program to run: `wanted`, else the one `ffmpeg-static` installed, else the one on PATH.
 *
 * @throws {MediaError} if there is none.
 */
export async function findFfmpeg(wanted?: string): Promise<string> {
  const program = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  const onPath = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const installed = typeof staticPath === "string" ? [staticPath] : [];
  const candidates = wanted === undefined
    ? [...installed, ...onPath.map((folder) => join(folder, program))]
    : [wanted];
  for (const candidate of candidates) {
    if (await access(candidate, constants.X_OK).then(() => true, () => false)) return candidate;
  }
  const help =
    "install FFmpeg, or let ffmpeg-static fetch it: deno install --allow-scripts=npm:ffmpeg-static";
  throw new MediaError(wanted ?? program, `There is no such program; ${help}`);
}
