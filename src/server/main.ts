import { basename } from "node:path";
import { type DeviceChoice, type Engine, isLiveAddress, shownAddress } from "../../mod.ts";
import { UsageError } from "../errors.ts";
import type { FrameSource } from "../frame.ts";
import { choiceFlag, numberFlag, parseFlags } from "../parse_flags.ts";
import { ListenError } from "./http/http_server.ts";
import { networkWarning } from "./http/network_warning.ts";
import { servePreview } from "./http/serve_preview.ts";
import { DETAIL_LIMIT } from "./protocol.ts";
import { openCatalog } from "./sources/catalog.ts";
import { FileSources } from "./sources/file_sources.ts";
import { LiveSources } from "./sources/live_sources.ts";
import type { PreviewSources } from "./sources/playback.ts";
import { EnginePool } from "./viewers/engine_pool.ts";
import { Metrics } from "./viewers/metrics.ts";
import { Viewers } from "./viewers/viewers.ts";

/** What the server is built from: the library, or fakes in a test. */
export interface ServerParts {
  readonly openMedia: (path: string, options: { readonly start: number }) => Promise<FrameSource>;
  readonly openLive: (address: string) => Promise<FrameSource>;
  readonly openEngine: (weights: string, device: DeviceChoice) => Promise<Engine>;
  /** Weights files by the name of their preset. */
  readonly weights: ReadonlyMap<string, string>;
  /** Devices that viewers may choose, each with a line that says what it is. */
  readonly devices: ReadonlyMap<DeviceChoice, string>;
  /** Served when no source is given. */
  readonly samples: string;
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  /** Aborting it shuts the server down. */
  readonly signal: AbortSignal;
}

/** What `deno task serve --help` prints. @param devices See {@linkcode ServerParts}. */
function helpText(devices: ServerParts["devices"]): string {
  const table = Array.from(devices, ([name, about]) => `                    ${name.padEnd(11)} ${about}`);
  return `Preview the restoration in a browser, live

  deno task serve [VIDEO|PICTURE|FOLDER|CAMERA|rtsp://...] [options]

Prints the address to open. Without a source it serves the sample.

  --port N        Port to listen on; 0 for any free one (default 8080)
  --host ADDRESS  Address to listen on (default 127.0.0.1: this machine only)
  --name HOST     Another Host header to accept, for a name or a proxy in front; can be repeated
  --preset NAME   Network to start with (default fast-video)
  --weights FILE  Weights to use instead of the shipped ones
  --device NAME   What runs the network (default auto):
${table.join("\n")}
  --detail GAIN   Gain of the network's down branch, 0 to ${DETAIL_LIMIT} (default 1)
  --viewers N     Most viewers at once (default 64)
  --help          Print this text`;
}

/**
 * `deno task serve`: serves the preview until `signal` aborts. Prints one line to stdout, the address to open.
 *
 * @returns The exit code: 0 after a shutdown.
 * @throws {UsageError} naming the flag that is not valid.
 */
export async function main(args: readonly string[], parts: ServerParts): Promise<number> {
  const flags = readFlags(args, parts);
  if (flags.help) {
    parts.stdout(helpText(parts.devices));
    return 0;
  }
  const { device, detail, weights, preset } = flags;
  const source = flags.source ?? parts.samples;
  const sources = await openSources(source, parts);
  await using engines = new EnginePool({
    async open(choice) {
      const engine = await parts.openEngine(weights.get(choice.preset) ?? "", choice.device);
      for (const note of engine.notes ?? []) parts.stderr(note);
      return engine;
    },
  });
  // Opened now, so that one that cannot be used is reported here; viewers may close it to make room for others.
  await (await engines.lease({ preset, device }))[Symbol.asyncDispose]();
  const viewers = new Viewers({
    sources,
    engines,
    presets: [...weights.keys()],
    devices: parts.devices,
    settings: { preset, device, detail, branches: false, region: null },
    metrics: new Metrics(),
  }, { viewers: flags.viewers });
  const { host, port, name } = flags;
  await using preview = await servePreview(viewers, { hostname: host, port, hosts: name }).catch((cause) => {
    if (!(cause instanceof ListenError)) throw cause;
    throw new UsageError(`${cause.message}. Choose another --port or --host`, { cause });
  });
  if (host === "0.0.0.0" || host === "::") {
    parts.stderr(networkWarning(preview.url, shownAddress(source)));
  }
  parts.stdout(preview.url);
  await aborted(parts.signal);
  return 0;
}

/** The sources behind an argument: an address or a camera is live, all else is files. */
async function openSources(source: string, { openMedia, openLive }: ServerParts): Promise<PreviewSources> {
  if (isLiveAddress(source)) return new LiveSources(shownAddress(source), () => openLive(source));
  return new FileSources(await openCatalog(source), openMedia);
}

const FLAGS = {
  help: { type: "boolean", short: "h" },
  host: { type: "string" },
  port: { type: "string" },
  name: { type: "string", multiple: true },
  preset: { type: "string" },
  weights: { type: "string" },
  device: { type: "string" },
  detail: { type: "string" },
  viewers: { type: "string" },
} as const;

function readFlags(args: readonly string[], { devices, weights: shipped }: ServerParts) {
  const { values, positionals } = parseFlags(args, FLAGS);
  if (positionals.length > 1) {
    throw new UsageError(
      `${positionals.length} sources are given. Give one: a file, a folder or an address`,
    );
  }
  const weights = values.weights === undefined
    ? shipped
    : new Map([[nameOf(values.weights), values.weights]]);
  const preset = values.preset ??
    ["fast-video", "fast", ...weights.keys()].find((name) => weights.has(name)) ?? "fast";
  if (!weights.has(preset)) {
    const known = weights.size > 0 ? `Choose one of ${[...weights.keys()].join(", ")}` : "Add --weights FILE";
    throw new UsageError(`There are no weights for preset "${preset}". ${known}`);
  }
  return {
    source: positionals[0],
    help: values.help ?? false,
    host: values.host ?? "127.0.0.1",
    port: wholeNumber("--port", values.port ?? "8080", 0, 65535),
    name: values.name ?? [],
    preset,
    weights,
    device: choiceFlag("--device", values.device, [...devices.keys()]) ?? "auto",
    detail: numberBetween("--detail", values.detail ?? "1", 0, DETAIL_LIMIT),
    viewers: wholeNumber("--viewers", values.viewers ?? "64", 1, 10_000),
  };
}

/** The preset's name for weights of the user's own, which the protocol allows only some characters. */
function nameOf(weights: string): string {
  return basename(weights, ".safetensors").replaceAll(/[^\w.-]/g, "_");
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const expected = `a whole number from ${least} to ${most}`;
  return numberFlag(flag, text, expected, (n) => Number.isInteger(n) && n >= least && n <= most);
}

function numberBetween(flag: string, text: string, least: number, most: number): number {
  return numberFlag(flag, text, `a number from ${least} to ${most}`, (n) => n >= least && n <= most);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
