import type { Browser } from "playwright-core";
import { openMedia, readFrameTimes } from "../../../mod.ts";
import { servePreview } from "../../../src/server/http/serve_preview.ts";
import { WorkbenchSources } from "../../../src/server/jobs/workbench_sources.ts";
import { FileSources } from "../../../src/server/sources/file_sources.ts";
import { Thumbnails } from "../../../src/server/sources/thumbnails.ts";
import { Metrics } from "../../../src/server/viewers/metrics.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { SETTINGS } from "./fake_server.ts";
import { openBrowser } from "./open_browser.ts";
import { jobPlace, openWorkbench } from "./open_workbench.ts";
import { openPage } from "./preview_page.ts";

/** A real server with a workbench, a real clip and a small network, and its page in a browser. Disposing it closes all. */
export async function openWorkbenchPage(options: Parameters<Browser["newPage"]>[0] = {}) {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await jobPlace());
  const bench = opened.use(await openWorkbench(place));
  const { workbench, engines } = bench;
  const preview = opened.use(
    await servePreview(
      new Viewers({
        sources: new WorkbenchSources(
          new FileSources(workbench.catalog, { openMedia, readFrameTimes }),
          workbench,
        ),
        thumbnails: new Thumbnails({ openMedia, pathOf: (id) => workbench.catalog.path(id) }),
        engines,
        workbench,
        board: workbench.board,
        presets: ["smoke"],
        devices: new Map([["cpu", "the processor"]]),
        settings: { ...SETTINGS, preset: "smoke" },
        metrics: new Metrics(),
      }),
    ),
  );
  workbench.queue.start();
  const browser = opened.adopt(await openBrowser(), (browser) => browser.close());
  const page = await openPage(browser, preview.url, { viewport: { width: 1300, height: 900 }, ...options });
  const owned = opened.move();
  return { place, bench, preview, browser, page, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
