import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { seek, until, untilFrame } from "../helpers/preview/preview_page.ts";

Deno.test("remembered.js", async (t) => {
  await using preview = await openPreview();
  const { page, browser } = preview;

  await t.step("theme, view, source, place and detail are there again after a reload", async () => {
    await page.locator("#theme").click();
    const theme = await page.evaluate("document.documentElement.dataset.theme");
    await page.locator('#views label:has([value="pair"])').click();
    await seek(page, 4);
    await untilFrame(page, 101);
    await page.locator("#detail").fill("2.5");
    await until(page, `JSON.parse(localStorage.getItem("mtdn-preview")).tuning?.detail === 2.5`);
    await until(page, `JSON.parse(localStorage.getItem("mtdn-preview")).seconds === 4`);
    await page.reload();
    await untilFrame(page, 101);
    await until(page, `document.getElementById("detail-value").textContent === "2.50"`);
    assert.equal(await page.evaluate("document.documentElement.dataset.theme"), theme);
    assert.equal(await page.evaluate("document.body.dataset.view"), "pair");
  });

  await t.step("a browser that keeps nonsense, or a source that is gone, is no trouble", async () => {
    for (const kept of ["nonsense", '"text"', "null", '{"source":"gone","view":"none","theme":7}']) {
      const other = await browser.newPage();
      await other.addInitScript(`localStorage.setItem("mtdn-preview", ${JSON.stringify(kept)})`);
      await other.goto(preview.preview.url);
      await untilFrame(other, 1);
      await other.close();
    }
  });
  assert.deepEqual(page.errors, []);
});
