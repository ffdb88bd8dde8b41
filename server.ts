/**
 * The preview server: `deno task serve clip.mp4`. Everything it does is in `src/server/`.
 *
 * @module
 */
import {
  DEVICES,
  isPreset,
  openEngine,
  type OpenEngineOptions,
  openLive,
  openMedia,
  UsageError,
} from "./mod.ts";
import { main } from "./src/server/main.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  // The second one means: at once.
  Deno.addSignalListener(name, () => stop.signal.aborted ? Deno.exit(130) : stop.abort());
}

function say(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Shipped weights whose name is a preset's. */
async function shippedWeights(): Promise<Map<string, string>> {
  const folder = new URL("./weights/", import.meta.url);
  const found = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    const preset = name.replace(/\.safetensors$/, "");
    if (preset !== name && isPreset(preset)) {
      found.set(preset, decodeURIComponent(new URL(name, folder).pathname));
    }
  }
  return found;
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
    openMedia,
    openLive,
    openEngine: openEngineOn,
    weights: shippedWeights,
    devices: ["auto", ...Object.keys(DEVICES)],
    samples: decodeURIComponent(new URL("./samples/", import.meta.url).pathname),
    stdout: (line) => say(Deno.stdout, line),
    stderr: (line) => say(Deno.stderr, line),
    signal: stop.signal,
  });
  Deno.exit(code);
} catch (error) {
  say(Deno.stderr, `Error: ${error instanceof Error ? error.message : String(error)}`);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
