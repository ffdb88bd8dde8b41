import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { deblur, openEngine, openMedia, readFrameTimes, shippedWeights } from "../../mod.ts";
import type { Frame } from "../../src/frame.ts";
import type { Engine } from "../../src/model/engine/engine.ts";
import { PRESETS } from "../../src/model/network/config.ts";
import type { Settings } from "../../src/server/protocol.ts";
import { openCatalog } from "../../src/server/sources/catalog.ts";
import { FileSources } from "../../src/server/sources/file_sources.ts";
import { EnginePool } from "../../src/server/viewers/engine_pool.ts";
import { Metrics } from "../../src/server/viewers/metrics.ts";
import { Viewers } from "../../src/server/viewers/viewers.ts";
import { servePreview } from "../../src/server/http/serve_preview.ts";
import type { FrameMessage } from "../../static/frame_message.js";
import { makeClip } from "../helpers/make_clip.ts";
import { memorySink } from "../helpers/memory_media.ts";
import { SETTINGS } from "../helpers/preview/fake_server.ts";
import { SocketClient } from "../helpers/preview/socket_client.ts";
import { writeSmokeWeights } from "../helpers/smoke_weights.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const SAMPLE = fileURLToPath(new URL("../../samples/spaniels.mp4", import.meta.url));

/** What is set for preview and job alike. */
type Tuning = Partial<Pick<Settings, "detail" | "everywhere" | "range" | "crop">>;

/** The frames of a job, before they are encoded. */
async function jobFrames(
  path: string,
  engine: Engine,
  { range, crop, ...rest }: Tuning,
): Promise<readonly Frame[]> {
  await using source = await openMedia(
    path,
    range ? { start: range.start, duration: range.end - range.start } : {},
  );
  const sink = memorySink();
  await deblur(source, sink, engine, { ...rest, ...(crop && { crop }) });
  return sink.written;
}

/** A server with one file, and a viewer of it. */
async function watch(path: string, openShared: () => Promise<Engine>) {
  await using opened = new AsyncDisposableStack();
  const catalog = await openCatalog(path);
  const viewers = new Viewers({
    sources: new FileSources(catalog, { openMedia, readFrameTimes }),
    engines: new EnginePool({ open: openShared }),
    presets: ["fast"],
    devices: new Map([["cpu", "the processor"]]),
    settings: SETTINGS,
    metrics: new Metrics(),
  });
  const preview = opened.use(await servePreview(viewers));
  const client = opened.use(await SocketClient.open(preview.url));
  const [entry] = await catalog.list();
  // A small part is in view; what is saved is all of the picture, or its crop.
  client.send({ type: "settings", region: { x: 0, y: 0, width: 32, height: 32 } });
  client.send({ type: "open", source: entry?.id ?? "" });
  client.send({ type: "credit", frames: 1 });
  const owned = opened.move();
  const next = async (stage: FrameMessage["stage"]) => {
    for (;;) {
      const frame = await client.frame();
      if (frame.stage === stage) return frame;
    }
  };
  await next("restored");
  return { client, next, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The pixels of the result that is saved at a time, as packed RGB, turned as the file is displayed. */
async function savedAt(viewer: Awaited<ReturnType<typeof watch>>, seconds: number, tuning: Tuning) {
  viewer.client.send({ type: "settings", detail: 1, everywhere: false, range: null, crop: null, ...tuning });
  viewer.client.send({ type: "seek", seconds });
  for (;;) {
    viewer.client.send({ type: "credit", frames: 1 });
    const shown = await viewer.next("restored");
    if (Math.abs(shown.seconds - seconds) < 1e-3) break;
  }
  viewer.client.send({ type: "save" });
  const saved = await viewer.next("saved");
  const part = saved.parts.find(({ kind }) => kind === "result");
  assert.equal(part?.format, "image/png");
  return {
    index: saved.index,
    pixels: new Uint8Array(await sharp(part.bytes).removeAlpha().raw().toBuffer()),
  };
}

async function turned({ data, width, height }: Frame, rotation: number): Promise<Uint8Array> {
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return new Uint8Array(await image.rotate(rotation).raw().toBuffer());
}

Deno.test("what is saved of the sample in the preview is what a job writes, still parts and neighbours included", async () => {
  const open = () =>
    openEngine({ weights: shippedWeights("fast-video"), alone: shippedWeights("fast"), device: "cpu" });
  await using engine = await open();
  await using viewer = await watch(SAMPLE, open);
  const range = { start: 22 / 24, end: 26 / 24 };
  const crop = { x: 300, y: 100, width: 320, height: 200 };
  const first = { start: 0, end: 2 / 24 };
  for (
    const [tuning, frames] of [
      [{ range: first }, [0]],
      [{ range, crop, detail: 1.5 }, [24, 25]],
    ] as const
  ) {
    const written = await jobFrames(SAMPLE, engine, tuning);
    for (const frame of frames) {
      const { index, pixels } = await savedAt(viewer, frame / 24, tuning);
      assert.equal(index, frame);
      const expected = written[frame - Math.round(tuning.range.start * 24)];
      assert.ok(expected);
      assert.deepEqual(pixels, new Uint8Array(expected.data), `frame ${frame}, ${JSON.stringify(tuning)}`);
    }
  }
});

for (const rotated of [false, true]) {
  Deno.test(`every frame of a clip with pauses and uneven times is saved as a job writes it${rotated ? ", turned" : ""}`, async () => {
    await using folder = await temporaryFolder();
    const clip = folder.file("clip.mp4");
    const moves = [0, 4, 4, 4, 4, 9, 9.2, 9.4, 20, 31, 31, 31, 31, 31, 31, 31, 40, 41, 60, 60];
    const pts = moves.map((_, i) => i + Math.floor(i / 7) * 3);
    const sample = (plane: number, x: number, y: number, t: number) =>
      plane === 0 ? 120 + 50 * Math.sin((x + (moves[t] ?? 0)) / 5) + 30 * Math.cos(y / 7) : 128;
    await makeClip(clip, { pts, gop: 6, rotated, width: 160, height: 96, sample });
    const weights = await writeSmokeWeights(folder.file("video.safetensors"), PRESETS["smoke-video"]);
    const alone = await writeSmokeWeights(folder.file("alone.safetensors"));
    const open = () => openEngine({ weights, alone, device: "cpu" });
    await using engine = await open();
    await using viewer = await watch(clip, open);
    const range = { start: (pts[3] ?? 0) / 25, end: (pts[17] ?? 0) / 25 };
    const crop = { x: 10, y: 20, width: 60, height: 70 };
    for (
      const [tuning, first, frames] of [[{}, 0, [17, 0, 6, 12, 15, 3, 19]], [{ range, crop }, 3, [
        16,
        3,
        9,
        13,
      ]]] as const
    ) {
      const written = await jobFrames(clip, engine, tuning);
      for (const frame of frames) {
        const { index, pixels } = await savedAt(viewer, (pts[frame] ?? 0) / 25, tuning);
        assert.equal(index, frame);
        const expected = written[frame - first];
        assert.ok(expected);
        assert.deepEqual(
          pixels,
          await turned(expected, rotated ? 90 : 0),
          `frame ${frame}, ${JSON.stringify(tuning)}`,
        );
      }
    }
  });
}
