import type { Engine } from "../../../src/model/engine/engine.ts";
import { EnginePool } from "../../../src/server/viewers/engine_pool.ts";
import { initialSettings } from "../../../src/server/protocol.ts";
import type { Catalog } from "../../../src/server/sources/catalog.ts";
import { type FileReading, FileSources } from "../../../src/server/sources/file_sources.ts";
import type { PlaybackContext } from "../../../src/server/sources/playback.ts";
import { Metrics } from "../../../src/server/viewers/metrics.ts";
import type { ServerContext } from "../../../src/server/viewers/server_context.ts";
import { type FakeClip, FakeEngine, fakeSource, timesOf } from "./fake_media.ts";

/** A small clip that takes no time to decode. */
export const CLIP: FakeClip = { width: 96, height: 64, frames: 250, frameRate: 25 };

/** What a viewer begins with. */
export const SETTINGS = initialSettings({ preset: "fast", device: "cpu", detail: 1 });

/** Reads made-up clips by their paths. */
export function fakeReading(clipAt: (path: string) => FakeClip | undefined): FileReading {
  const read = async <T>(path: string, use: (clip: FakeClip) => T): Promise<T> => {
    await Promise.resolve();
    const clip = clipAt(path);
    if (clip === undefined) throw new Error(`${path}: is not there`);
    return use(clip);
  };
  return {
    openMedia: (path, range) => read(path, (clip) => fakeSource(clip, range)),
    readFrameTimes: (path) => read(path, timesOf),
  };
}

/** What a playback is given of its viewer, with an engine that sharpens. */
export function contextOf(engine: Engine = new FakeEngine()): PlaybackContext {
  return {
    use: (work) => work(engine),
    begin: () => ({ progress: () => undefined, [Symbol.dispose]: () => undefined }),
    onState: () => undefined,
  };
}

/** A catalog of made-up files with these ids. */
export function catalogOf(...ids: readonly string[]): Catalog {
  const folder = "/home/someone/videos/";
  return {
    folder,
    list: () => Promise.resolve(ids.map((id) => ({ id, name: `${id}.mp4` }))),
    path: (id) =>
      ids.includes(id) ? Promise.resolve(`${folder}${id}`) : Promise.reject(new Error(`No source ${id}`)),
    passedOver: () => Promise.resolve(""),
  };
}

/** Everything a session needs, made of fakes: clips by id, engines that sharpen. */
export function fakeServer(
  clips: Readonly<Record<string, FakeClip>> = { clip: CLIP },
  openEngine: (choice: { preset: string; device: string }) => Promise<FakeEngine> = () =>
    Promise.resolve(new FakeEngine()),
): ServerContext {
  const catalog = catalogOf(...Object.keys(clips));
  const sources = new FileSources(catalog, fakeReading((path) => clips[path.replace(catalog.folder, "")]));
  return {
    sources,
    engines: new EnginePool({ open: openEngine }),
    presets: ["fast", "paper"],
    devices: new Map([["cpu", "the processor"], ["cuda", "an NVIDIA GPU"]]),
    settings: SETTINGS,
    metrics: new Metrics(),
  };
}
