import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { until } from "../helpers/preview/preview_page.ts";

Deno.test("listenToLooks", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const clipPath = `getComputedStyle(document.querySelector('[data-kind="result"]')).clipPath`;

  await t.step(
    "flips before and after in place, by key and by button, until the divider is taken again",
    async () => {
      const width = (await page.locator("#stage").boundingBox())?.width;
      const split = (part: string) => until(page, `document.body.dataset.flip === "${part}"`);
      await page.keyboard.press("b");
      await split("result");
      await until(page, `/0px\\)$|^inset\\(0px\\)$/.test(${clipPath})`);
      await page.locator("#flip").click();
      await split("blurry");
      await until(page, `${clipPath}.includes("${Math.floor(width ?? 0)}")`);
      assert.equal(await page.locator("#flip").getAttribute("aria-pressed"), "true");
      await page.evaluate(`document.getElementById("divider").hidden = false`);
      await page.locator("#stage").click({ position: { x: 100, y: 100 } });
      await split("all");
      assert.ok(await page.locator("#divider").isVisible());
    },
  );

  await t.step("a flip from another view shows the pictures in one place", async () => {
    await page.keyboard.press("2");
    await page.keyboard.press("b");
    assert.equal(await page.evaluate("document.body.dataset.view"), "divider");
    await page.keyboard.press("1");
    assert.equal(await page.evaluate("document.body.dataset.flip"), "all");
  });

  await t.step("fills the screen and leaves it again", async () => {
    await page.keyboard.press("f");
    await until(page, `document.fullscreenElement?.id === "stage"`);
    await page.keyboard.press("f");
    await until(page, "document.fullscreenElement === null");
  });
  assert.deepEqual(page.errors, []);
});
