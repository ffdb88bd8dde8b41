import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { until } from "../helpers/preview/preview_page.ts";

Deno.test("Bench", async (t) => {
  await using opened = await openWorkbenchPage();
  const { page, preview, browser } = opened;
  const button = page.locator("#show-bench");

  await t.step("is open where there is room, closes, and stays closed after a reload", async () => {
    assert.deepEqual([await page.locator("#bench").isVisible(), await button.getAttribute("aria-expanded")], [
      true,
      "true",
    ]);
    await button.click();
    assert.equal(await page.locator("#bench").isVisible(), false);
    await page.reload();
    await page.waitForSelector("body[data-has-picture]");
    assert.equal(await page.locator("#bench").isVisible(), false);
    await button.click();
    assert.equal(await page.locator("#bench").isVisible(), true);
  });

  await t.step("is closed on a telephone, and opens below the pictures", async () => {
    const phone = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await phone.goto(preview.url);
    await phone.waitForSelector("body[data-has-picture]");
    assert.equal(await phone.locator("#bench").isVisible(), false);
    await phone.locator("#show-bench").click();
    await until(phone, `document.getElementById("bench").getBoundingClientRect().top < 844`);
    for (const width of [390, 320]) {
      await phone.setViewportSize({ width, height: 844 });
      await until(phone, `document.getElementById("bench").getBoundingClientRect().width === ${width}`);
      await until(phone, `document.documentElement.scrollWidth === ${width}`);
    }
    await phone.close();
  });
  assert.deepEqual(page.errors, []);
});

Deno.test("Bench: a server that takes no jobs shows no place for them", async () => {
  await using preview = await openPreview();
  assert.equal(await preview.page.locator("#show-bench").isVisible(), false);
  assert.equal(await preview.page.locator("#bench").isVisible(), false);
});
