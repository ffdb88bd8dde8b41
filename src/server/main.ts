import { basename } from "node:path";
import { UsageError } from "../errors.ts";
import type { FrameSource } from "../frame.ts";
import { type Engine, isLiveAddress, shownAddress } from "../../mod.ts";
import { openCatalog } from "./sources/catalog.ts";
import { EnginePool } from "./viewers/engine_pool.ts";
import type { PreviewSources } from "./sources/playback.ts";
import { FileSources } from "./sources/file_sources.ts";
import { LiveSources } from "./sources/live_sources.ts";
import { Metrics } from "./viewers/metrics.ts";
import { numberFlag, parseFlags } from "../parse_flags.ts";
import { DETAIL_LIMIT } from "./protocol.ts";
import { servePreview } from "./http/serve_preview.ts";
import { Viewers } from "./viewers/viewers.ts";
import { networkWarning } from "./http/network_warning.ts";

/** What the server is made of, from the library, or fakes in a test. */
export interface ServerParts {
  readonly openMedia: (path: string, options: { readonly start: number }) => Promise<FrameSource>;
  readonly openLive: (address: string) => Promise<FrameSource>;
  readonly openEngine: (weights: string, device: string) => Promise<Engine>;
  /** Weights files by the name of their preset. */
  readonly weights: ReadonlyMap<string, string>;
  /** Devices a viewer may choose, `auto` first. */
  readonly devices: readonly string[];
  /** Served when no source is named. */
  readonly samples: string;
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  /** Aborting it shuts the server down. */
  readonly signal: AbortSignal;
}

const HELP = `Watch the restoration in a browser.

Usage: deno task serve [VIDEO|PICTURE|FOLDER|CAMERA|rtsp://...] [options]

  --port N        Port to listen on; 0 takes any free one (8080)
  --host ADDRESS  Address to listen on (127.0.0.1: this machine only)
  --name HOST     A further Host to answer, for a name or a proxy in front; may be repeated
  --preset NAME   Network to begin with (fast)
  --weights FILE  Weights to use instead of the shipped ones
  --device NAME   Where it runs (auto)
  --detail GAIN   Gain of the down branch, 0 to ${DETAIL_LIMIT} (1)
  --viewers N     Viewers at once (64)
  --help          This text`;

/**
 * Serves the preview until `signal` aborts. Prints one line to stdout, the address to open.
 *
 * @returns The exit code: 0 after a shutdown.
 * @throws {UsageError} if the arguments make no sense.
 */
export async function main(args: readonly string[], parts: ServerParts): Promise<number> {
  const flags = readFlags(args);
  if (flags.help) {
    parts.stdout(HELP);
    return 0;
  }
  const weights = flags.weights === undefined
    ? parts.weights
    : new Map([[basename(flags.weights, ".safetensors").replaceAll(/[^\w.-]/g, "_"), flags.weights]]);
  const preset = flags.preset ?? (weights.has("fast") ? "fast" : [...weights.keys()][0]);
  if (preset === undefined || !weights.has(preset)) {
    const known = [...weights.keys()].join(", ") || "none; pass your own with --weights FILE";
    throw new UsageError(`No weights for preset "${preset ?? "fast"}"; there are: ${known}`);
  }
  if (!parts.devices.includes(flags.device)) {
    throw new UsageError(`No device "${flags.device}"; there are ${parts.devices.join(", ")}`);
  }
  const open = ({ preset, device }: { preset: string; device: string }) =>
    parts.openEngine(weights.get(preset) ?? "", device);
  const source = flags.source ?? parts.samples;
  const sources = await openSources(source, parts);
  await using engines = new EnginePool({ open });
  await using _held = await engines.lease({ preset, device: flags.device });
  const viewers = new Viewers({
    sources,
    engines,
    presets: [...weights.keys()],
    devices: parts.devices,
    settings: { preset, device: flags.device, detail: flags.detail, branches: false, region: null },
    metrics: new Metrics(),
  }, { viewers: flags.viewers });
  const { host, port, name } = flags;
  await using preview = await servePreview(viewers, { hostname: host, port, hosts: name });
  if (host === "0.0.0.0" || host === "::") {
    parts.stderr(networkWarning(preview.url, shownAddress(source)));
  }
  parts.stdout(preview.url);
  await aborted(parts.signal);
  return 0;
}

/** Where the named source's frames come from: an address and a camera are live, all else is files. */
async function openSources(source: string, { openMedia, openLive }: ServerParts): Promise<PreviewSources> {
  if (isLiveAddress(source)) return new LiveSources(shownAddress(source), () => openLive(source));
  return new FileSources(await openCatalog(source), openMedia);
}

const FLAGS = {
  help: { type: "boolean" },
  host: { type: "string" },
  port: { type: "string" },
  name: { type: "string", multiple: true },
  preset: { type: "string" },
  weights: { type: "string" },
  device: { type: "string" },
  detail: { type: "string" },
  viewers: { type: "string" },
} as const;

function readFlags(args: readonly string[]) {
  const { values, positionals } = parseFlags(args, FLAGS);
  if (positionals.length > 1) throw new UsageError(`One source is wanted, not ${positionals.length}`);
  return {
    source: positionals[0],
    help: values.help ?? false,
    host: values.host ?? "127.0.0.1",
    port: wholeNumber("--port", values.port ?? "8080", 0, 65535),
    name: values.name ?? [],
    preset: values.preset,
    weights: values.weights,
    device: values.device ?? "auto",
    detail: numberBetween("--detail", values.detail ?? "1", 0, DETAIL_LIMIT),
    viewers: wholeNumber("--viewers", values.viewers ?? "64", 1, 10_000),
  };
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const wanted = `a whole number from ${least} to ${most}`;
  return numberFlag(flag, text, wanted, (n) => Number.isInteger(n) && n >= least && n <= most);
}

function numberBetween(flag: string, text: string, least: number, most: number): number {
  return numberFlag(flag, text, `a number from ${least} to ${most}`, (n) => n >= least && n <= most);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
