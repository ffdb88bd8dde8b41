import { basename } from "node:path";
import { CHANNEL_ORDERS, type ChannelOrder, type DeviceChoice } from "../../mod.ts";
import { UsageError } from "../errors.ts";
import { choiceFlag, invalidFlag, numberFlag, parseFlags } from "../parse_flags.ts";
import { DETAIL_LIMIT } from "./jobs/job.ts";

/** What flags may name. */
export interface ServeChoices {
  /** Weights files by the name of their preset. */
  readonly weights: ReadonlyMap<string, string>;
  /** Devices that viewers may choose, each with a line that says what it is. */
  readonly devices: ReadonlyMap<DeviceChoice, string>;
}

/** The command line of `deno task serve`. */
export interface ServeFlags {
  readonly help: boolean;
  readonly source?: string;
  readonly host: string;
  readonly port: number;
  readonly name: readonly string[];
  readonly preset: string;
  readonly weights: ReadonlyMap<string, string>;
  /** As the user gave it, with weights of the user's own. */
  readonly channels?: ChannelOrder;
  readonly device: DeviceChoice;
  readonly detail: number;
  readonly viewers: number;
  readonly recursive: boolean;
  readonly open: boolean;
  readonly jobs?: string;
  readonly tokenFile?: string;
  /** Bytes. */
  readonly uploadLimit: number;
}

/** What `deno task serve --help` prints. */
export function serveHelp(devices: ServeChoices["devices"]): string {
  const table = Array.from(devices, ([name, about]) => `                     ${name.padEnd(11)} ${about}`);
  return `Preview the restoration in a browser, live, and restore clips from there

  deno task serve [VIDEO|PICTURE|FOLDER|CAMERA|rtsp://...] [options]

Prints the address to open. Without a source it serves the sample. Files dropped on the page and what is made of them are
kept in a temporary folder until the server ends, or in --jobs DIR.

  --open           Open the address in the browser
  --recursive      List the files of the folders in FOLDER too
  --jobs DIR       Keep uploads, jobs and results in DIR: a server started later goes on with them. The program has to
                   be allowed to write there, with Deno's --allow-write=DIR
  --token-file F   Keep the secret of the address in F, so that the page survives a restart (default DIR/token)
  --upload-limit S Largest file that can be sent, such as 500M or 8G (default 16G)
  --port N         Port to listen on; 0 for any free one (default 8080)
  --host ADDRESS   Address to listen on (default 127.0.0.1: this machine only)
  --name HOST      Another Host header to accept, for a name or a proxy in front; can be repeated
  --preset NAME    Network to start with (default fast-video)
  --weights FILE   Weights to use instead of the shipped ones, or a network of another project (see deno task deblur)
  --channels NAME  Order of the colours in another project's network, rgb or bgr (default rgb)
  --device NAME    What runs the network (default auto):
${table.join("\n")}
  --detail GAIN    Gain of what the network changes, 0 to ${DETAIL_LIMIT} (default 1)
  --viewers N      Most viewers at once (default 64)
  --help           Print this text`;
}

const FLAGS = {
  help: { type: "boolean", short: "h" },
  host: { type: "string" },
  port: { type: "string" },
  name: { type: "string", multiple: true },
  preset: { type: "string" },
  weights: { type: "string" },
  channels: { type: "string" },
  device: { type: "string" },
  detail: { type: "string" },
  viewers: { type: "string" },
  recursive: { type: "boolean" },
  open: { type: "boolean" },
  jobs: { type: "string" },
  "token-file": { type: "string" },
  "upload-limit": { type: "string" },
} as const;

/** @throws {UsageError} naming the flag that is not valid. */
export function parseServeFlags(args: readonly string[], choices: ServeChoices): ServeFlags {
  const { values, positionals } = parseFlags(args, FLAGS);
  if (positionals.length > 1) {
    throw new UsageError(`${positionals.length} sources are given. Give one: a file, a folder or an address`);
  }
  for (const flag of ["jobs", "token-file"] as const) {
    if (values[flag] === "") throw invalidFlag(`--${flag}`, "", "a path");
  }
  const [source] = positionals;
  const channels = choiceFlag("--channels", values.channels, CHANNEL_ORDERS);
  return {
    help: values.help ?? false,
    ...(source !== undefined && { source }),
    host: values.host ?? "127.0.0.1",
    port: wholeNumber("--port", values.port ?? "8080", 0, 65535),
    name: values.name ?? [],
    ...chooseWeights(values, choices.weights),
    ...(channels && { channels }),
    device: choiceFlag("--device", values.device, [...choices.devices.keys()]) ?? "auto",
    detail: numberBetween("--detail", values.detail ?? "1", 0, DETAIL_LIMIT),
    viewers: wholeNumber("--viewers", values.viewers ?? "64", 1, 10_000),
    recursive: values.recursive ?? false,
    open: values.open ?? false,
    ...(values.jobs !== undefined && { jobs: values.jobs }),
    ...(values["token-file"] !== undefined && { tokenFile: values["token-file"] }),
    uploadLimit: byteFlag("--upload-limit", values["upload-limit"] ?? "16G"),
  };
}

function chooseWeights(
  { weights: file, preset: asked }: {
    readonly weights?: string | undefined;
    readonly preset?: string | undefined;
  },
  shipped: ServeChoices["weights"],
): Pick<ServeFlags, "weights" | "preset"> {
  const weights = file === undefined ? shipped : new Map([[nameOf(file), file]]);
  const preset = asked ?? ["fast-video", "fast", ...weights.keys()].find((name) => weights.has(name)) ??
    "fast";
  if (weights.has(preset)) return { weights, preset };
  const known = weights.size > 0 ? `Choose one of ${[...weights.keys()].join(", ")}` : "Add --weights FILE";
  throw new UsageError(`There are no weights for preset "${preset}". ${known}`);
}

/** The preset's name for weights of the user's own, which the protocol allows only some characters. */
function nameOf(weights: string): string {
  return basename(weights).replace(/\.(?:safetensors|onnx)$/i, "").replaceAll(/[^\w.-]/g, "_");
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const expected = `a whole number from ${least} to ${most}`;
  return numberFlag(flag, text, expected, (n) => Number.isInteger(n) && n >= least && n <= most);
}

function numberBetween(flag: string, text: string, least: number, most: number): number {
  return numberFlag(flag, text, `a number from ${least} to ${most}`, (n) => n >= least && n <= most);
}

/** "500M" as bytes. */
function byteFlag(flag: string, text: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(amount) * 1024 ** " kmgt".indexOf(unit.toLowerCase() || " "));
  if (amount === "" || bytes < 1) throw invalidFlag(flag, text, "a size such as 500M or 8G");
  return bytes;
}
