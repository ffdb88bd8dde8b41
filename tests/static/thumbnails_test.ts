import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { settle, until } from "../helpers/preview/preview_page.ts";

Deno.test("Thumbnails shows the clip below its timeline, and nothing where there is nothing to show", async () => {
  await using opened = await openWorkbenchPage();
  const { page } = opened;
  await page.waitForSelector("#thumbnails:not([hidden])");
  await until(page, `document.getElementById("thumbnails").naturalWidth === 12 * 96`);
  assert.equal(await page.locator("#thumbnails").getAttribute("alt"), "");
  assert.deepEqual(page.errors, []);
  await using preview = await openPreview();
  const asked = preview.page.waitForResponse((response) => response.url().includes("/api/thumbnails"));
  await preview.page.reload();
  assert.equal((await asked).ok(), false);
  await settle(preview.page);
  assert.ok(await preview.page.locator("#thumbnails").isHidden());
});
