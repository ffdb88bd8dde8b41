import { mkdir, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, parse, resolve } from "node:path";
import { MediaError, UsageError } from "../errors.ts";

/** One input and where its result goes. */
export interface Job {
  readonly input: string;
  readonly output: string;
}

const VIDEOS = new Set([
  ".mp4",
  ".mov",
  ".m4v",
  ".mkv",
  ".webm",
  ".avi",
  ".mpg",
  ".mpeg",
  ".ts",
  ".mts",
  ".m2ts",
  ".wmv",
  ".flv",
  ".ogv",
  ".3gp",
]);
const PICTURES = new Set([".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"]);

/**
 * What the inputs of a command line stand for. A folder of videos is each of them; a folder of pictures is one sequence when
 * their names are numbers ("000123.png", "frame-7.jpg"), else each of them.
 *
 * @param output FILE for one input, or DIR; beside each input as `NAME.deblurred.EXT` when absent.
 * @throws {MediaError} if there is nothing at an input, or nothing to restore in a folder.
 */
export async function findJobs(inputs: readonly string[], output?: string): Promise<Job[]> {
  const found = (await Promise.all(inputs.map(expand))).flat();
  const toFolder = output !== undefined &&
    (found.length > 1 || /[/\\]$/.test(output) || await isFolder(output));
  if (output !== undefined && found.length === 1 && !toFolder) return [{ input: found[0] ?? "", output }];
  if (toFolder) {
    if (await stat(output).then((s) => !s.isDirectory(), () => false)) {
      throw new UsageError(`-o is the file "${output}"; wanted a folder for ${found.length} inputs`);
    }
    await mkdir(output, { recursive: true });
  }
  const jobs = found.map((input) => ({
    input,
    output: join(toFolder ? output : dirname(resolve(input)), resultName(input)),
  }));
  const twice = jobs.find((job, i) => jobs.findIndex(({ output }) => output === job.output) !== i);
  if (twice) {
    throw new UsageError(`Two inputs would both be written to ${twice.output}; wanted different names`);
  }
  return jobs;
}

/** "clip.mp4" → "clip.deblurred.mp4"; a folder "shots" → "shots.deblurred". */
function resultName(input: string): string {
  const { name, ext } = parse(resolve(input));
  return PICTURES.has(ext.toLowerCase()) || VIDEOS.has(ext.toLowerCase())
    ? `${name}.deblurred${ext}`
    : `${name}${ext}.deblurred`;
}

async function expand(input: string): Promise<string[]> {
  if (isLive(input)) return [input];
  if (!await isFolder(input)) return [input];
  const names = (await readdir(input)).filter((name) =>
    !name.startsWith(".") && !/\.deblurred(\.|$)/.test(name)
  ).sort();
  const videos = names.filter((name) => VIDEOS.has(extname(name).toLowerCase()));
  const pictures = names.filter((name) => PICTURES.has(extname(name).toLowerCase()));
  if (videos.length === 0 && pictures.length === 0) {
    throw new MediaError(input, "there are no videos and no pictures in this folder");
  }
  const isSequence = pictures.length > 1 && pictures.every((name) => /\d+$/.test(parse(name).name));
  const single = isSequence ? videos : [...videos, ...pictures];
  return [...(isSequence && videos.length === 0 ? [input] : []), ...single.map((name) => join(input, name))];
}

/** Whether an input is a camera or a network stream rather than a file. */
export function isLive(input: string): boolean {
  return /^(rtsp|rtsps|udp|rtp|tcp|srt):\/\//i.test(input) || input.startsWith("/dev/video");
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((s) => s.isDirectory(), () => false);
}

/** "clip.mp4" → "clip.partial.mp4": the name of what a damaged input still gave. */
export function partialName(output: string): string {
  const { ext } = parse(output);
  return join(dirname(output), `${basename(output, ext)}.partial${ext}`);
}
