import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { recordStates, untilFrame, untilStates } from "../helpers/preview/preview_page.ts";

Deno.test("Notice", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const notice = page.locator("#notice");

  await t.step("says what is wrong with a broken video, and offers to try again", async () => {
    await page.locator("#source").selectOption("broken");
    await page.waitForSelector('body[data-phase="error"]');
    assert.match(await notice.innerText(), /cannot be shown[\s\S]*damaged here[\s\S]*Try again/);
    await recordStates(page, "phase");
    await page.locator("#notice-action").click();
    await untilStates(page, "phase", "loading", "error");
  });

  await t.step("goes when another video is opened", async () => {
    await page.locator("#source").selectOption("clip");
    await page.waitForSelector('body[data-phase="paused"]');
    await untilFrame(page, 1);
    assert.equal(await page.locator("#notice-title").innerText(), "");
  });

  await t.step("says that the video has ended", async () => {
    await page.locator("#seek").fill("9.9");
    await untilFrame(page, 248);
    await page.locator("#play").click();
    await page.waitForSelector('body[data-phase="ended"]');
    assert.match(await notice.innerText(), /The end/);
  });
  assert.deepEqual(page.errors, []);
});
