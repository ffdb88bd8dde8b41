import { access, constants, stat } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import process from "node:process";
import staticPath from "ffmpeg-static";
import { MediaError } from "../../errors.ts";

/**
 * The ffmpeg program to run.
 *
 * @param program a path; a name on PATH; or "auto": the one `ffmpeg-static` installed, else the one on PATH
 * @throws {MediaError} if there is none, or this process may not run it.
 */
export async function findFfmpeg(program = "auto"): Promise<string> {
  const name = program === "auto" ? "ffmpeg" : program;
  const onPath = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "")
    .map((folder) => join(folder, process.platform === "win32" && !/\./.test(name) ? `${name}.exe` : name));
  const installed = program === "auto" && typeof staticPath === "string" ? [staticPath] : [];
  const candidates = basename(name) === name ? [...installed, ...onPath] : [name];
  for (const candidate of candidates) {
    if (!await isProgram(candidate)) continue;
    const { state } = await Deno.permissions.request({ name: "run", command: candidate });
    if (state === "granted") return candidate;
    throw new MediaError(
      candidate,
      "This program may not be run: Deno's permission is missing. Use deno task deblur:ffmpeg, or --allow-run",
    );
  }
  const help =
    "Install FFmpeg, or let ffmpeg-static download it: deno install --allow-scripts=npm:ffmpeg-static";
  throw new MediaError(name, `There is no such program. ${help}`);
}

/** The permission to run a file is the one to enter a folder. */
async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
