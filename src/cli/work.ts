import type { CommandIo } from "./command_io.ts";
import { deviceFlag, deviceHelp } from "./device_flag.ts";
import { parseFlags } from "./flags.ts";
import { onlyServerAddress } from "./server_address.ts";

const HELP = `Restore segments of videos that other machines hand out

  deno task work nats://HOST:4222 [options]

Takes segments from the NATS server, one at a time, until Ctrl-C; one that is being restored then goes to another worker. Needs
no shared folder: video, weights and segments travel through the server, and what is written lies in a temporary folder. More
in docs/many-machines.md.

  --credentials FILE      Credentials file of NATS
  --device NAME           What runs the network (default auto):
${deviceHelp(26)}
  --quiet                 Print errors only
`;

/**
 * `deno task work`.
 *
 * @returns The exit code.
 * @throws {UsageError} naming what is wrong with the command line; {MediaError} if the server cannot be used.
 */
export async function workCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseFlags(args, {
    credentials: { type: "string" },
    device: { type: "string" },
    quiet: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) {
    io.stdout(HELP);
    return 0;
  }
  const address = onlyServerAddress(positionals);
  const device = deviceFlag(values.device);
  const { credentials, quiet = false } = values;
  const { JobServer, work } = await import("../jobs/nats/mod.ts");
  await using server = await JobServer.connect(address, { credentials });
  await work(server, {
    device,
    signal: io.signal,
    onLine(line) {
      if (!quiet || line.startsWith("Failed")) io.stderr(`${line}\n`);
    },
  });
  return 0;
}
