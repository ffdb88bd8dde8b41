import { openBrowser } from "../helpers/preview/open_browser.ts";
import { serve } from "../helpers/preview/preview_in_browser.ts";
import { openPage, seek, untilFrame } from "../helpers/preview/preview_page.ts";

Deno.test("Connection", async (t) => {
  const browser = await openBrowser();
  let server = await serve();
  const { port } = new URL(server.url);
  try {
    const page = await openPage(browser, server.url);

    await t.step("reconnects by itself when the server is back, and continues where it was", async () => {
      await seek(page, 4);
      await untilFrame(page, 101);
      await server[Symbol.asyncDispose]();
      await page.waitForSelector('body[data-phase="reconnecting"]');
      server = await serve(Number(port));
      await page.waitForSelector('body[data-phase="paused"]');
      await untilFrame(page, 101);
    });

    await t.step(
      "gives up when the server has another token, and says that the address is out of date",
      async () => {
        await server[Symbol.asyncDispose]();
        server = await serve(Number(port), "another-token");
        await page.waitForSelector('body[data-phase="refused"]');
      },
    );
  } finally {
    await browser.close();
    await server[Symbol.asyncDispose]();
  }
});
