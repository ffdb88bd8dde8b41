import assert from "node:assert/strict";
import { openPreview, TOKEN } from "../helpers/preview/preview_in_browser.ts";

Deno.test("takeToken takes the secret out of the address bar, and a reload still has it; another tab has not", async () => {
  await using preview = await openPreview();
  const { page, browser } = preview;
  assert.ok(!page.url().includes(TOKEN), page.url());
  await page.reload();
  await page.waitForSelector("body[data-has-picture]");
  assert.ok(!page.url().includes(TOKEN), page.url());
  const other = await browser.newPage();
  await other.goto(page.url());
  await other.waitForSelector('body[data-phase="refused"]');
  assert.match(await other.locator("#notice").innerText(), /Open the address that it printed/);
  assert.deepEqual(page.errors, []);
});
