import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { seek, until, untilFrame } from "../helpers/preview/preview_page.ts";

Deno.test("Loop", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const frame = `parseInt(document.getElementById("frame").textContent)`;
  const at = async (index: number) => {
    await seek(page, index / 25);
    await untilFrame(page, index + 1);
  };

  await t.step("restores every frame of the range, and then plays them again and again", async () => {
    await at(20);
    await page.keyboard.press("i");
    await at(31);
    await page.keyboard.press("o");
    await page.keyboard.press("l");
    await page.waitForSelector('body[data-loop="playing"]');
    await until(page, `document.getElementById("loop-text").textContent === "12 frames, all restored"`);
    for (let round = 0; round < 2; round++) {
      await until(page, `${frame} >= 31`);
      await until(page, `${frame} <= 22`);
    }
  });

  await t.step("is gathered anew with other settings", async () => {
    await page.locator("#detail").fill("3");
    await page.waitForSelector('body[data-loop="gathering"]');
    await page.waitForSelector('body[data-loop="playing"]');
  });

  await t.step("is left by a seek, and stopped by its key", async () => {
    await seek(page, 1);
    await page.waitForSelector('body[data-loop="off"]');
    await untilFrame(page, 26);
    await page.keyboard.press("l");
    await page.waitForSelector('body[data-loop="playing"]');
    await page.keyboard.press("l");
    await page.waitForSelector('body[data-loop="off"]');
    assert.equal(await page.locator("#loop").getAttribute("aria-pressed"), "false");
  });
  assert.deepEqual(page.errors, []);
});
