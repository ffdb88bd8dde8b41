/**
 * The preview server: `deno task serve clip.mp4`. It is implemented in `src/server/`.
 *
 * @module
 */
import {
  type ChannelOrder,
  DEVICE_CHOICES,
  openEngine,
  openLive,
  openMedia,
  readFrameTimes,
  readNetwork,
  shippedPresets,
  shippedWeights,
  UsageError,
} from "./mod.ts";
import { errorText } from "./src/errors.ts";
import { locateNetwork } from "./src/locate_network.ts";
import { main } from "./src/server/main.ts";
import { openBrowser } from "./src/server/open_browser.ts";
import { StopSignals } from "./src/stop_signals.ts";

async function networkOf(weights: string, channels?: ChannelOrder) {
  const { path, name } = await locateNetwork(weights);
  return await readNetwork(path, { name, ...(channels && { channels }) });
}

const shutdown = new AbortController();
const stop = new StopSignals();
stop.catchStop(() => shutdown.abort());
stop.signal.addEventListener("abort", () => Deno.exit(130)); // the second request: without waiting for viewers
stop.listen();

function print(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}

try {
  const code = await main(Deno.args, {
    openLive,
    openMedia,
    readFrameTimes,
    openBrowser,
    openEngine: async (weights, device, channels) =>
      await openEngine({
        weights: await networkOf(weights, channels),
        device,
        ...(weights === shippedWeights("fast-video") && { alone: shippedWeights("fast") }),
      }),
    weights: new Map(shippedPresets().map((preset) => [preset, shippedWeights(preset)])),
    devices: DEVICE_CHOICES,
    samples: decodeURIComponent(new URL("./samples/", import.meta.url).pathname),
    stdout: (line) => print(Deno.stdout, line),
    stderr: (line) => print(Deno.stderr, line),
    signal: shutdown.signal,
  });
  Deno.exit(code);
} catch (error) {
  print(Deno.stderr, errorText(error));
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
