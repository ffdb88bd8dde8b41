import { describeNetwork, PRESETS } from "../../mod.ts";
import { UsageError } from "../errors.ts";
import type { CommandIo } from "./command_io.ts";
import { parseFlags } from "./flags.ts";
import { textTable } from "./format_text.ts";

/** What `deno task presets --help` prints. */
const PRESETS_HELP = `Parameters and multiply-accumulates of each preset

  deno task presets [--json]
`;

const FLAGS = { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

/** Of SRN (Tao et al., CVPR 2018), as its authors published it. */
const SRN_PARAMETERS = 8.1e6;
const SIZE = { width: 1280, height: 720 };

/**
 * `deno task presets`: see {@linkcode PRESETS_HELP}.
 *
 * @returns The exit code.
 * @throws {UsageError} for unknown arguments.
 */
export function presetsCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values: flags, positionals } = parseFlags(args, FLAGS);
  if (positionals.length > 0) {
    throw new UsageError(`Unexpected argument "${positionals[0]}": presets takes none`);
  }
  if (flags.help === true) io.stdout(PRESETS_HELP);
  else io.stdout(flags.json === true ? `${JSON.stringify(describePresets())}\n` : table());
  return Promise.resolve(0);
}

function describePresets() {
  return Object.entries(PRESETS).map(([preset, config]) => {
    const { parameters, macsPerPixel } = describeNetwork(config);
    return { preset, ...config, parameters, macsPerPixel };
  });
}

function table(): string {
  const rows = describePresets().map(({ preset, channels, strides, twoWay, parameters, macsPerPixel }) => [
    preset,
    channels.join("/"),
    strides.join("/"),
    twoWay ? "up, down" : "up",
    millions(parameters),
    (macsPerPixel / 1000).toFixed(1),
    (macsPerPixel * SIZE.width * SIZE.height / 1e9).toFixed(1),
  ]);
  return textTable([
    ["Preset", "channels", "strides", "branches", "parameters", "kMAC/pixel", "GMAC at 1280x720"],
    ...rows,
    ["SRN*", "32/64/128", "1/2/2", "-", millions(SRN_PARAMETERS), "-", "-"],
  ]) + "* Tao et al. [11], the network that the paper builds on; as published, not counted here.\n";
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(2)} M`;
}
