import { stat } from "node:fs/promises";
import { basename, dirname, extname, join, normalize, parse, resolve } from "node:path";
import { MediaError, UsageError } from "../../errors.ts";
import { listRestorable } from "../../list_restorable.ts";
import { canMove, kindByName, numberedPictures, writtenName } from "../../media_name.ts";
import { PassedOver } from "../../passed_over.ts";
import { isLiveAddress, type MediaInfo } from "../../../mod.ts";
import { invalidFlag } from "../flags.ts";

/** One input and the path of its result. */
export interface Job {
  readonly input: string;
  readonly output: string;
}

/** The jobs of a command line. */
export interface JobList {
  readonly jobs: readonly Job[];
  /** Folders to write to, which may not exist yet; empty when each result has a place of its own. */
  readonly folders: readonly string[];
  /** What of the folders given is not restored, and why; empty if nothing. */
  readonly passedOver: string;
}

/** Options of {@linkcode findJobs}. */
export interface FindJobsOptions {
  /** Where to write: FILE for one input, or DIR. @default {NAME.deblurred.EXT beside each input} */
  readonly output?: string | undefined;
  /** Take what is in folders of a folder too. @default {false} */
  readonly recursive?: boolean;
}

/** An input, and the folder of it below the one that was given. */
interface Found {
  readonly input: string;
  readonly below: string;
}

/**
 * Makes jobs of the inputs of a command line. A folder with videos gives a job for each file; a folder of pictures only is
 * one sequence if their names end in numbers ("000123.png", "frame-7.jpg"), else a job for each. Writes nothing.
 *
 * @throws {MediaError} if a folder cannot be read, or holds no videos and pictures.
 * @throws {UsageError} if a result would overwrite an input or another result, if a folder to write is named like a video
 * or picture, or if a live source is not the only input or has no file to be recorded to.
 */
export async function findJobs(
  inputs: readonly string[],
  { output, recursive = false }: FindJobsOptions = {},
): Promise<JobList> {
  if (inputs.some(isLiveAddress)) {
    return { jobs: [await recording(inputs, output)], folders: [], passedOver: "" };
  }
  const passedOver = new PassedOver();
  const found = (await Promise.all(inputs.map((input) => expand(input, { recursive, passedOver })))).flat();
  const first = found[0]?.input ?? "";
  if (output !== undefined && (output === "-" || first === "-")) {
    if (found.length > 1) throw new UsageError("Only one video can be written to standard output (-)");
    return { jobs: [{ input: first, output }], folders: [], passedOver: passedOver.describe() };
  }
  if (output === "") throw invalidFlag("-o", "", "a file or a folder");
  const kind = output === undefined ? undefined : await kindOf(output);
  const isFolder = output !== undefined &&
    (found.length > 1 || /[/\\]$/.test(output) || kind === "folder");
  if (isFolder && kind === "file") {
    throw new UsageError(`-o is the file "${output}": ${found.length} inputs need a folder`);
  }
  await refuseFileName(found.map(({ input }) => input), output, kind);
  const place = async ({ input, below }: Found): Promise<string> => {
    const name = await resultName(input);
    if (output === undefined) return join(folderOf(input), name);
    return isFolder ? join(output, below, name) : output;
  };
  const placed = await Promise.all(
    found.map(async (one) => ({ input: one.input, output: await place(one) })),
  );
  const jobs = isFolder ? separateNames(placed) : placed;
  refuseClashes(jobs);
  const below = jobs.map(({ output }) => dirname(output)).filter((folder) =>
    resolve(folder) !== resolve(output ?? "")
  );
  const folders = isFolder ? [output, ...new Set(below)] : [];
  return { jobs, folders, passedOver: passedOver.describe() };
}

/** Results of one name are put into folders named after those of their inputs. */
function separateNames(jobs: readonly Job[]): readonly Job[] {
  const counts = new Map<string, number>();
  for (const { output } of jobs) counts.set(output, (counts.get(output) ?? 0) + 1);
  return jobs.map(({ input, output }) => {
    const isOnly = counts.get(output) === 1;
    const below = basename(dirname(resolve(input)));
    return { input, output: isOnly ? output : join(dirname(output), below, basename(output)) };
  });
}

/** Several inputs become a folder, which must not be named like a file: that would surprise. A sequence becomes either. */
async function refuseFileName(
  [first = "", ...others]: readonly string[],
  output: string | undefined,
  kind: "folder" | "file" | undefined,
): Promise<void> {
  if (output === undefined || kind === "folder" || kindByName(output) === undefined) return;
  const isFolder = others.length > 0 || !canMove(output) && await kindOf(first) === "folder";
  if (!isFolder) return;
  const what = others.length > 0 ? `${others.length + 1} inputs` : `the pictures of "${first}"`;
  throw new UsageError(`-o is "${output}", the name of a file: ${what} need a folder`);
}

async function recording(
  [input = "", ...others]: readonly string[],
  output: string | undefined,
): Promise<Job> {
  if (others.length > 0) throw new UsageError("A live source must be the only input");
  if (!output) throw new UsageError("A live source has no name for its result. Add -o FILE");
  if (/[/\\]$/.test(output) || await kindOf(output) === "folder") {
    throw new UsageError(`-o is the folder "${output}": a live source is recorded to a file`);
  }
  return { input, output };
}

function refuseClashes(jobs: readonly Job[]): void {
  const inputs = new Set(jobs.map(({ input }) => resolve(input)));
  const outputs = new Set<string>();
  for (const { output } of jobs) {
    const path = resolve(output);
    if (inputs.has(path)) {
      throw new UsageError(`The output "${output}" is an input. Choose another name with -o`);
    }
    if (outputs.has(path)) {
      throw new UsageError(
        `Two inputs would be written to "${output}". Restore them one by one, with different names`,
      );
    }
    outputs.add(path);
  }
}

/** "clip.mp4" → "clip.deblurred.mp4"; a folder "shots" → "shots.deblurred". */
async function resultName(input: string): Promise<string> {
  const { base } = parse(resolve(input));
  if (await kindOf(input) === "folder") return `${base}.deblurred`;
  const { name, ext } = parse(writtenName(base));
  return `${name}.deblurred${ext || ".mkv"}`;
}

/** The folder an input is in, as the user wrote it; "." and ".." are resolved. */
function folderOf(input: string): string {
  return /^\.{0,2}$/.test(basename(normalize(input))) ? dirname(resolve(input)) : dirname(input);
}

interface Expansion {
  readonly recursive: boolean;
  readonly passedOver: PassedOver;
}

/** What an input stands for; a folder that was given holds something at least. */
async function expand(input: string, how: Expansion): Promise<Found[]> {
  if (await kindOf(input) !== "folder") return [{ input, below: "" }];
  const found = await expandFolder(input, "", how);
  if (found.length > 0) return found;
  const why = how.passedOver.describe();
  const what = "There are no videos and no pictures in this folder";
  throw new MediaError(input, why === "" ? what : `${what}. ${why}`);
}

async function expandFolder(folder: string, below: string, how: Expansion): Promise<Found[]> {
  const { videos, pictures, folders, passedOver } = await listRestorable(folder);
  how.passedOver.include(passedOver);
  if (!how.recursive) how.passedOver.add("folder", folders.length);
  const isSequence = videos.length === 0 && pictures.length > 1 &&
    pictures.every((name) => /\d$/.test(parse(name).name));
  const files = [...videos, ...pictures].map((name) => ({ input: join(folder, name), below }));
  const own = isSequence
    ? [{ input: folder, below: dirname(below || ".") === "." ? "" : dirname(below) }]
    : files;
  const inner: Found[] = [];
  for (const name of how.recursive ? folders : []) {
    inner.push(...await expandFolder(join(folder, name), join(below, name), how));
  }
  return [...own, ...inner];
}

async function kindOf(path: string): Promise<"folder" | "file" | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && (found.isDirectory() ? "folder" : "file");
}

/**
 * Checks a job's output name once the kind of its input is known.
 *
 * @throws {MediaError} if the name, made from that of the input, has no format that can be written.
 */
export function refuseName({ input, output }: Job, kind: MediaInfo["kind"]): void {
  if (kind === "picture" && extname(input) === "" && output.endsWith(".deblurred.mkv")) {
    const message = "It is a picture, but its name has no extension to choose the result's format by";
    throw new MediaError(input, `${message}. Add -o FILE.png, .jpg, .webp or .tif`);
  }
  if (output === "-" && kind !== "video" && kind !== "sequence") {
    throw new MediaError(input, "Only a video can be written to standard output. Add -o FILE");
  }
}

/** What is wrong with a damaged input of which a part could be kept. */
export function partlyDamaged(input: string, damage: string, cause: unknown): MediaError {
  return new MediaError(input, `${damage}. Add --keep-partial to keep what can be decoded`, { cause });
}

/** "clip.mp4" → "clip.partial.mp4": the name for what can be decoded of a damaged input. */
export function partialName(output: string): string {
  const numbered = numberedPictures(output);
  if (numbered !== undefined) return join(`${numbered.folder}.partial`, basename(output));
  const ext = extname(output);
  return join(dirname(output), `${basename(output, ext)}.partial${ext}`);
}
