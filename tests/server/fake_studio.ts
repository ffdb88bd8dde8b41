import { EngineShare } from "../../src/server/engine_share.ts";
import { FileFeeds } from "../../src/server/file_feeds.ts";
import { Metrics } from "../../src/server/metrics.ts";
import type { Studio } from "../../src/server/session.ts";
import { type FakeClip, FakeEngine, fakeSource } from "./fake_media.ts";

/** A small clip that takes no time to decode. */
export const CLIP: FakeClip = { width: 96, height: 64, frames: 250, frameRate: 25 };

/** Everything a session needs, made of fakes: clips by id, engines that sharpen. */
export function fakeStudio(
  clips: Readonly<Record<string, FakeClip>> = { clip: CLIP },
  openEngine: (choice: { preset: string; device: string }) => Promise<FakeEngine> = () =>
    Promise.resolve(new FakeEngine()),
): Studio {
  const catalog = {
    folder: "/home/someone/videos/",
    list: () => Promise.resolve(Object.keys(clips).map((id) => ({ id, name: `${id}.mp4` }))),
    path: (id: string) =>
      clips[id]
        ? Promise.resolve(`/home/someone/videos/${id}`)
        : Promise.reject(new Error(`No source ${id}`)),
  };
  const feeds = new FileFeeds(catalog, (path, { start }) => {
    const clip = clips[path.replace(catalog.folder, "")];
    return clip
      ? Promise.resolve(fakeSource(clip, start))
      : Promise.reject(new Error(`${path}: is not there`));
  });
  return {
    feeds,
    engines: new EngineShare({ open: openEngine }),
    presets: ["fast", "paper"],
    devices: ["cpu", "cuda"],
    settings: { preset: "fast", device: "cpu", detail: 1, branches: false, region: null },
    metrics: new Metrics(),
  };
}
