import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { type ChannelOrder, type DeviceChoice, type Engine, isLiveAddress, shownAddress } from "../../mod.ts";
import { messageOf, UsageError } from "../errors.ts";
import type { FrameSource } from "../frame.ts";
import { ListenError } from "./http/http_server.ts";
import { networkWarning } from "./http/network_warning.ts";
import { isToken, newToken } from "./http/security.ts";
import { servePreview } from "./http/serve_preview.ts";
import { JobFolder } from "./jobs/job_folder.ts";
import { Workbench } from "./jobs/workbench.ts";
import { WorkbenchSources } from "./jobs/workbench_sources.ts";
import { parseServeFlags, type ServeChoices, type ServeFlags, serveHelp } from "./serve_flags.ts";
import { openCatalog } from "./sources/catalog.ts";
import { type FileReading, FileSources } from "./sources/file_sources.ts";
import { LiveSources } from "./sources/live_sources.ts";
import { Thumbnails } from "./sources/thumbnails.ts";
import { EnginePool } from "./viewers/engine_pool.ts";
import { Metrics } from "./viewers/metrics.ts";
import type { ServerContext } from "./viewers/server_context.ts";
import { Viewers } from "./viewers/viewers.ts";
import { initialSettings } from "./protocol.ts";

/** What the server is built from: the library, or fakes in a test. */
export interface ServerParts extends ServeChoices, FileReading {
  readonly openLive: (address: string) => Promise<FrameSource>;
  /** @param channels As the user gave it, with weights of the user's own. */
  readonly openEngine: (weights: string, device: DeviceChoice, channels?: ChannelOrder) => Promise<Engine>;
  /** Served when no source is given. */
  readonly samples: string;
  /** Opens an address in the user's browser. @throws {Error} saying why it cannot. */
  readonly openBrowser: (url: string) => Promise<void>;
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  /** Aborting it shuts the server down. */
  readonly signal: AbortSignal;
}

/**
 * `deno task serve`: serves the preview until `signal` aborts. Prints one line to stdout, the address to open.
 *
 * @returns The exit code: 0 after a shutdown.
 * @throws {UsageError} naming the flag that is not valid.
 */
export async function main(args: readonly string[], parts: ServerParts): Promise<number> {
  const flags = parseServeFlags(args, parts);
  if (flags.help) {
    parts.stdout(serveHelp(parts.devices));
    return 0;
  }
  const { device, detail, weights, preset, host, port, name } = flags;
  await using opened = new AsyncDisposableStack();
  const engines = opened.use(openPool(flags, parts));
  const source = flags.source ?? parts.samples;
  const folder = await openJobFolder(flags, source, parts);
  if (folder) opened.use(folder);
  const { sources, workbench, thumbnails } = await openSources(source, { flags, parts, engines, folder });
  // Opened now, so that one that cannot be used is reported here; viewers may close it to make room for others.
  await (await engines.lease({ preset, device }))[Symbol.asyncDispose]();
  const viewers = new Viewers({
    sources,
    engines,
    ...(thumbnails && { thumbnails }),
    ...(workbench && { workbench, board: workbench.board }),
    presets: [...weights.keys()],
    devices: parts.devices,
    settings: initialSettings({ preset, device, detail }),
    metrics: new Metrics(),
  }, { viewers: flags.viewers });
  const token = await chooseToken(flags, folder);
  const serving = servePreview(viewers, { hostname: host, port, hosts: name, token });
  const preview = opened.use(await serving.catch(explainListening));
  // Disposed first: the job that runs is stopped before the engine it uses is closed.
  if (workbench) opened.use(workbench).queue.start();
  if (host === "0.0.0.0" || host === "::") parts.stderr(networkWarning(preview.url, shownAddress(source)));
  parts.stdout(preview.url);
  if (flags.open) await parts.openBrowser(preview.url).catch((error) => parts.stderr(messageOf(error)));
  await aborted(parts.signal);
  return 0;
}

function openPool({ weights, channels }: ServeFlags, { openEngine, stderr }: ServerParts): EnginePool {
  return new EnginePool({
    async open(choice) {
      const engine = await openEngine(weights.get(choice.preset) ?? "", choice.device, channels);
      for (const note of engine.notes ?? []) stderr(note);
      return engine;
    },
  });
}

/** The folder of jobs; none for a live source, nor where none is requested and the program may not write. */
async function openJobFolder(
  { jobs }: ServeFlags,
  source: string,
  { stderr }: ServerParts,
): Promise<JobFolder | undefined> {
  if (isLiveAddress(source)) {
    if (jobs !== undefined) throw new UsageError("--jobs does nothing for a live source. Leave it out");
    return undefined;
  }
  if (jobs !== undefined) return await JobFolder.open(jobs);
  // Asked first, because a program on a terminal would be asked for permission otherwise.
  const { state } = await Deno.permissions.query({ name: "write", path: tmpdir() });
  if (state === "granted") return await JobFolder.open();
  stderr(
    `Preview only: this program may not write, so the page takes no files and starts no jobs. Add --allow-write=${tmpdir()}`,
  );
  return undefined;
}

interface SourceParts {
  readonly flags: ServeFlags;
  readonly parts: ServerParts;
  readonly engines: EnginePool;
  readonly folder: JobFolder | undefined;
}

/** The sources behind an argument: an address or a camera is live, all else is files, with jobs where there is a folder for them. */
async function openSources(
  source: string,
  { flags, parts, engines, folder }: SourceParts,
): Promise<Pick<ServerContext, "sources" | "workbench" | "thumbnails">> {
  if (isLiveAddress(source)) {
    return { sources: new LiveSources(shownAddress(source), () => parts.openLive(source)) };
  }
  const served = await openCatalog(source, { recursive: flags.recursive });
  const { openMedia, stderr: onWarning } = parts;
  if (folder === undefined) {
    const thumbnails = new Thumbnails({ openMedia, pathOf: (id) => served.path(id) });
    return { sources: new FileSources(served, parts), thumbnails };
  }
  const { uploadLimit } = flags;
  const workbench = await Workbench.open(folder, { served, engines, openMedia, onWarning, uploadLimit });
  const sources = new WorkbenchSources(new FileSources(workbench.catalog, parts), workbench);
  const thumbnails = new Thumbnails({ openMedia, pathOf: (id) => workbench.catalog.path(id) });
  return { sources, workbench, thumbnails };
}

/** The secret of the address: kept in a file where one was given, else with the jobs that are kept, else a new one. */
async function chooseToken({ tokenFile }: ServeFlags, folder: JobFolder | undefined): Promise<string> {
  if (tokenFile === undefined) return folder && !folder.isTemporary ? await folder.token() : newToken();
  const known = await readFile(tokenFile, "utf8").catch(() => undefined);
  if (known !== undefined) {
    if (isToken(known.trim())) return known.trim();
    throw new UsageError(
      `${tokenFile} holds no token: 43 letters, digits, "-" and "_". Delete it, or choose another --token-file`,
    );
  }
  const token = newToken();
  try {
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const what = `Cannot write the token to ${tokenFile}: ${messageOf(cause)}`;
    throw new UsageError(`${what}. Choose another --token-file`, { cause });
  }
  return token;
}

function explainListening(cause: unknown): never {
  if (!(cause instanceof ListenError)) throw cause;
  throw new UsageError(`${cause.message}. Choose another --port or --host`, { cause });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
