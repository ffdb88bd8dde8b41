import type { Browser } from "playwright-core";
import { type ServedPreview, servePreview } from "../../../src/server/http/serve_preview.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { FakeEngine } from "./fake_media.ts";
import { fakeServer } from "./fake_server.ts";
import { openBrowser } from "./open_browser.ts";
import { openPage } from "./preview_page.ts";

/** The clip that {@linkcode openPreview} serves. */
export const CLIP = { width: 320, height: 180, frames: 250, frameRate: 25 };
/** The token of every preview that {@linkcode serve} starts. */
export const TOKEN = "token-of-the-browser-tests";

/** Serves two sources, "clip" and "broken", with an engine that sharpens, and takes `delayMs` for a picture. */
export async function serve(port = 0, token = TOKEN, delayMs = 0): Promise<ServedPreview> {
  const clips = { clip: CLIP, broken: { ...CLIP, breaksAt: 0 } };
  const context = fakeServer(clips, () => Promise.resolve(new FakeEngine(delayMs)));
  return await servePreview(new Viewers(context), { port, token });
}

/** A preview and its page in a browser. Disposing it closes both. */
export async function openPreview(options: Parameters<Browser["newPage"]>[0] = {}, delayMs = 0) {
  await using opened = new AsyncDisposableStack();
  const preview = opened.use(await serve(0, TOKEN, delayMs));
  const browser = opened.adopt(await openBrowser(), (browser) => browser.close());
  const page = await openPage(browser, preview.url, options);
  const owned = opened.move();
  return { preview, browser, page, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
