/**
 * What the preview costs: the time a job loses to a viewer, and the memory a viewer takes who asks for everything and
 * never reads. `deno run -A bench/preview_cost.ts [WEIGHTS]`
 *
 * @module
 */
import { openEngine } from "../src/model/engine/open_engine.ts";
import { shippedWeights } from "../src/model/weights/shipped_weights.ts";
import { createJobPreview } from "../src/server/job_preview.ts";
import type { WatchedJob } from "../src/server/jobs/watched_job.ts";
import { openMedia } from "../src/stream/open_media.ts";

const SAMPLE = new URL("../samples/spaniels.mp4", import.meta.url).pathname;
const FRAMES = 12;
const STUCK_MS = 60_000;
const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));

await using engine = await openEngine({ weights: Deno.args[0] ?? shippedWeights("fast"), device: "cpu" });

/** Seconds that the sample's first frames take. */
async function job(shown?: WatchedJob): Promise<number> {
  await using source = await openMedia(SAMPLE);
  shown?.become("running");
  shown?.report({ kind: "start", info: source.info });
  let done = 0;
  const since = performance.now();
  for await (const frame of source.frames) {
    const { input, image } = await engine.run(frame);
    shown?.show(input, image);
    if (++done === FRAMES) break;
  }
  return (performance.now() - since) / 1000;
}

function viewer(url: string, reads: boolean): Promise<Deno.TcpConn | WebSocket> {
  const address = new URL(url);
  const { host, hostname, port, search, origin } = address;
  if (reads) {
    const socket = new WebSocket(`ws://${host}/ws${search}`, { headers: { origin } });
    const { promise, resolve } = Promise.withResolvers<WebSocket>();
    socket.onopen = () => {
      socket.send(`{"type":"open","source":"job-1"}`);
      socket.send(`{"type":"credit","frames":2}`);
      resolve(socket);
    };
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") socket.send(`{"type":"credit","frames":1}`);
    };
    return promise;
  }
  return stuckViewer(hostname, Number(port), search, ["open", "play"]);
}

/** Connects, asks, and never reads. */
async function stuckViewer(
  hostname: string,
  port: number,
  search: string,
  first: string[],
): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname, port });
  const host = `${hostname}:${port}`;
  await connection.write(new TextEncoder().encode(
    `GET /ws${search} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
  for (const type of first) {
    await connection.write(
      masked(type === "open" ? `{"type":"open","source":"job-1"}` : `{"type":"${type}"}`),
    );
  }
  await connection.write(masked(`{"type":"credit","frames":4}`));
  return connection;
}

function masked(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.of(0x81, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes);
}

async function timed(reads: boolean | undefined): Promise<number> {
  await using preview = await createJobPreview();
  const shown = preview.add("spaniels.mp4");
  if (reads === undefined) return await job(shown);
  const connected = viewer(preview.url, reads);
  const seconds = await job(shown);
  (await connected).close();
  return seconds;
}

async function memoryOfStuckViewer(): Promise<void> {
  await using preview = await createJobPreview();
  const shown = preview.add("spaniels.mp4");
  shown.become("running");
  const { hostname, port, search } = new URL(preview.url);
  await using source = await openMedia(SAMPLE);
  shown.report({ kind: "start", info: source.info });
  const { value } = await source.frames.getReader().read();
  if (value === undefined) throw new Error("The sample has no frame");
  const connection = await stuckViewer(hostname, Number(port), search, ["open"]);
  const before = Deno.memoryUsage().rss;
  const until = Date.now() + STUCK_MS;
  while (Date.now() < until) {
    await connection.write(masked(`{"type":"credit","frames":4}`));
    shown.show(value, value);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  connection.close();
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  say(
    `a viewer stuck for ${STUCK_MS / 1000} s: ${mebibytes(before)} MiB before, ${
      mebibytes(Deno.memoryUsage().rss)
    } after`,
  );
}

await job(); // Warms the engine up.
const rows: Record<string, number[]> = {
  "without --preview": [],
  "nobody looks": [],
  "one viewer": [],
  "one stuck viewer": [],
};
for (let round = 0; round < 3; round++) {
  rows["without --preview"]?.push(await job());
  rows["nobody looks"]?.push(await timed(undefined));
  rows["one viewer"]?.push(await timed(true));
  rows["one stuck viewer"]?.push(await timed(false));
}
const base = Math.min(...rows["without --preview"] ?? []);
for (const [name, seconds] of Object.entries(rows)) {
  const best = Math.min(...seconds);
  say(`${name}: ${best.toFixed(2)} s for ${FRAMES} frames (${((best / base - 1) * 100).toFixed(1)} %)`);
}
await memoryOfStuckViewer();
