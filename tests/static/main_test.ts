import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { until } from "../helpers/preview/preview_page.ts";

Deno.test("the page", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;

  await t.step("gives every control an accessible name", async () => {
    const nameless = await page.evaluate(
      `[...document.querySelectorAll("button, select, input, [role=slider]")]
      .filter((e) => !(e.ariaLabel || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
      .map((e) => e.id)`,
    );
    assert.deepEqual(nameless, []);
  });

  await t.step("switches between dark and light", async () => {
    const theme = () => page.evaluate("document.documentElement.dataset.theme");
    await page.locator("#theme").click();
    const first = await theme();
    await page.locator("#theme").click();
    assert.deepEqual([first, await theme()].sort(), ["dark", "light"]);
  });

  await t.step("shows why a request was refused, and keeps the picture", async () => {
    await page.evaluate(`document.querySelector("#preset").append(new Option("best"))`);
    await page.locator("#preset").selectOption("best");
    // Its text stays when it goes.
    await until(
      page,
      `/no preset "best"\\. Choose one of fast, paper/.test(document.getElementById("toast").textContent)`,
    );
    assert.equal(await page.locator("body[data-has-picture]").count(), 1);
  });

  await t.step("has no errors, and asks no other host for anything", () => {
    assert.deepEqual(page.errors, []);
  });
});
