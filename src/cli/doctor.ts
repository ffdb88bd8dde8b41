import { availableParallelism, cpus, totalmem } from "node:os";
import { arch, platform } from "node:process";
import { autoDevices, checkDevices, type DeviceCheck, DEVICES, shippedWeights } from "../../mod.ts";
import { UsageError } from "../errors.ts";
import type { CommandIo } from "./command_io.ts";
import { parseFlags } from "./flags.ts";

/** What `deno task doctor --help` prints. */
const DOCTOR_HELP = `Try every device of this machine

  deno task doctor [--json]

Restores a small picture on each device, with the shipped network "fast": whether it works, its speed, and its largest difference from
the processor's result, in grey levels, with float32 (and with what is faster or may be: int8, float16); where it does not work,
why not, and what it takes. Software renderers are tried too. Nothing is downloaded or changed.

  --json   Print {machine, devices: [{device, works, ...}], auto} instead of text
`;

const FLAGS = { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

/**
 * `deno task doctor`: see {@linkcode DOCTOR_HELP}.
 *
 * @param check Tries the devices. @default {checkDevices}
 * @returns The exit code: 0 if any device works.
 * @throws {UsageError} for unknown arguments.
 */
export async function doctorCommand(
  args: readonly string[],
  io: CommandIo,
  check: typeof checkDevices = checkDevices,
): Promise<number> {
  const { values: flags, positionals } = parseFlags(args, FLAGS);
  if (positionals.length > 0) {
    throw new UsageError(`Unexpected argument "${positionals[0]}": doctor takes none`);
  }
  if (flags.help === true) {
    io.stdout(DOCTOR_HELP);
    return 0;
  }
  const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} threads, ` +
    `${Math.round(totalmem() / 2 ** 30)} GiB, ${platform} ${arch}, Deno ${Deno.version.deno}`;
  if (flags.json !== true) io.stdout(`${machine}\n\n`);
  const devices: DeviceCheck[] = [];
  for await (const found of check({ weights: shippedWeights("fast"), signal: io.signal })) {
    devices.push(found);
    if (flags.json !== true) io.stdout(describe(found));
  }
  const auto = await describeAuto(devices);
  io.stdout(
    flags.json === true ? `${JSON.stringify({ machine, devices, auto })}\n` : `\n${autoText(auto)}\n`,
  );
  return devices.some(({ works }) => works) ? 0 : 1;
}

function describe(found: DeviceCheck): string {
  const { device } = found;
  const name = device.padEnd(12);
  if (!found.works) return `${name} no: ${found.why}\n${" ".repeat(13)}takes ${found.requires}\n`;
  const { megapixelsPerSecond, secondsToOpen, worstDifference, int8, float16 } = found;
  const difference = worstDifference === undefined ? "" : `, differs from cpu by ${worstDifference} at most`;
  const speed = (rate: number) => `${rate.toPrecision(3)} megapixels a second`;
  const rounded = (name: string, check: typeof float16) => {
    if (check === undefined) return "";
    return `\n${" ".repeat(13)}with ${name}: ` +
      ("why" in check
        ? `no: ${check.why}`
        : `${speed(check.megapixelsPerSecond)}, differs from float32 by ${check.worstDifference} at most`);
  };
  const others = rounded("int8, which auto takes", int8) + rounded("float16 (--precision float16)", float16);
  const opening = `opens in ${secondsToOpen.toFixed(1)} s`;
  return `${name} works: ${speed(megapixelsPerSecond)}${difference}, ${opening}${others}\n`;
}

/** What `auto` takes, and what it passes over, each with its reason. */
interface Auto {
  readonly device: string | null;
  readonly passedOver: Readonly<Record<string, string>>;
}

async function describeAuto(checks: readonly DeviceCheck[]): Promise<Auto> {
  const candidates = await autoDevices();
  const passedOver: Record<string, string> = {};
  for (const { device, passedOver: why } of candidates) {
    const found = checks.find((check) => check.device === device);
    if (why === undefined && found?.works === true) return { device, passedOver };
    passedOver[device] = why ?? (found?.works === false ? found.why : `it takes ${DEVICES[device].requires}`);
  }
  return { device: null, passedOver };
}

function autoText({ device, passedOver }: Auto): string {
  const reasons = Object.entries(passedOver).map(([name, why]) => `\n  not ${name}: ${why}`);
  return `--device auto takes ${device ?? "none"}${reasons.join("")}`;
}
