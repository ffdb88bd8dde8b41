import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { seek, until, untilFrame } from "../helpers/preview/preview_page.ts";

/** Numbers of the next frames that the page shows. */
async function framesShown(page: Page, count: number): Promise<number[]> {
  return await page.evaluate(`new Promise((resolve) => {
    const frame = document.getElementById("frame"), shown = [];
    const observer = new MutationObserver(() => {
      const number = parseInt(frame.textContent);
      if (shown.at(-1) !== number) shown.push(number);
      if (shown.length < ${count}) return;
      observer.disconnect();
      resolve(shown);
    });
    observer.observe(frame, { childList: true, characterData: true, subtree: true });
  })`);
}

Deno.test("Loop", async (t) => {
  // Slow enough that a frame is on its way whenever a key is pressed.
  await using preview = await openPreview({}, 100);
  const { page } = preview;
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
    const range = Array.from({ length: 12 }, (_, i) => 21 + i);
    const played = await framesShown(page, 36);
    const first = played.indexOf(21);
    assert.deepEqual(played.slice(first, first + 24), [...range, ...range]);
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
