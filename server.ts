/**
 * The preview server: `deno task serve clip.mp4`. Everything it does is in `src/server/`.
 *
 * @module
 */
import {
  DEVICES,
  openEngine,
  type OpenEngineOptions,
  openLive,
  openMedia,
  shippedPresets,
  shippedWeights,
  UsageError,
} from "./mod.ts";
import { messageOf } from "./src/errors.ts";
import { StopSignals } from "./src/stop_signals.ts";
import { main } from "./src/server/main.ts";

const shutdown = new AbortController();
const stop = new StopSignals();
stop.catchStop(() => shutdown.abort());
stop.signal.addEventListener("abort", () => Deno.exit(130)); // the second wish means: at once
stop.listen();

function say(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}

function isDevice(name: string): name is NonNullable<OpenEngineOptions["device"]> {
  return name === "auto" || Object.hasOwn(DEVICES, name);
}

async function openEngineOn(weights: string, device: string) {
  if (!isDevice(device)) throw new UsageError(`No device "${device}"`);
  return await openEngine({ weights, device });
}

try {
  const code = await main(Deno.args, {
    openLive,
    openMedia,
    openEngine: openEngineOn,
    weights: new Map(shippedPresets().map((preset) => [preset, shippedWeights(preset)])),
    devices: ["auto", ...Object.keys(DEVICES)],
    samples: decodeURIComponent(new URL("./samples/", import.meta.url).pathname),
    stdout: (line) => say(Deno.stdout, line),
    stderr: (line) => say(Deno.stderr, line),
    signal: shutdown.signal,
  });
  Deno.exit(code);
} catch (error) {
  say(Deno.stderr, `Error: ${messageOf(error)}`);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
