import { EnginePool } from "../../../src/server/viewers/engine_pool.ts";
import { FileSources } from "../../../src/server/sources/file_sources.ts";
import { Metrics } from "../../../src/server/viewers/metrics.ts";
import type { ServerContext } from "../../../src/server/viewers/server_context.ts";
import { type FakeClip, FakeEngine, fakeSource } from "./fake_media.ts";

/** A small clip that takes no time to decode. */
export const CLIP: FakeClip = { width: 96, height: 64, frames: 250, frameRate: 25 };

/** Everything a session needs, made of fakes: clips by id, engines that sharpen. */
export function fakeServer(
  clips: Readonly<Record<string, FakeClip>> = { clip: CLIP },
  openEngine: (choice: { preset: string; device: string }) => Promise<FakeEngine> = () =>
    Promise.resolve(new FakeEngine()),
): ServerContext {
  const catalog = {
    folder: "/home/someone/videos/",
    list: () => Promise.resolve(Object.keys(clips).map((id) => ({ id, name: `${id}.mp4` }))),
    path: (id: string) =>
      clips[id]
        ? Promise.resolve(`/home/someone/videos/${id}`)
        : Promise.reject(new Error(`No source ${id}`)),
  };
  const sources = new FileSources(catalog, (path, { start }) => {
    const clip = clips[path.replace(catalog.folder, "")];
    return clip
      ? Promise.resolve(fakeSource(clip, start))
      : Promise.reject(new Error(`${path}: is not there`));
  });
  return {
    sources,
    engines: new EnginePool({ open: openEngine }),
    presets: ["fast", "paper"],
    devices: new Map([["cpu", "the processor"], ["cuda", "an NVIDIA GPU"]]),
    settings: { preset: "fast", device: "cpu", detail: 1, branches: false, region: null },
    metrics: new Metrics(),
  };
}
