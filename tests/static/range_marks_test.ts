import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { seek, until, untilFrame } from "../helpers/preview/preview_page.ts";

Deno.test("RangeMarks", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const text = () => page.locator("#range-text").innerText();
  const at = async (frame: number) => {
    await seek(page, frame / 25);
    await untilFrame(page, frame + 1);
  };

  await t.step("marks begin and end with the frame on show, and draws them on the timeline", async () => {
    await at(50);
    await page.locator("#mark-in").click();
    await at(100);
    await page.locator("#mark-out").click();
    assert.equal(await text(), "0:02.0 to 0:04.0");
    const [bar, track] = await Promise.all([
      page.locator("#range-bar").boundingBox(),
      page.locator("#seek").boundingBox(),
    ]);
    assert.ok(bar && track);
    assert.ok(Math.abs(bar.width / track.width - 0.2) < 0.02, `${bar.width} of ${track.width}`);
  });

  await t.step("what is played ends with the range", async () => {
    await at(97);
    await page.keyboard.press(" ");
    await page.waitForSelector('body[data-phase="ended"]');
    await untilFrame(page, 101);
  });

  await t.step("an end before the begin gives the begin up, and all of it can be taken again", async () => {
    await at(25);
    await page.keyboard.press("o");
    assert.equal(await text(), "0:00.0 to 0:01.0");
    await page.keyboard.press("x");
    await until(page, `document.getElementById("range-bar").hidden`);
    assert.equal(await text(), "");
  });
  assert.deepEqual(page.errors, []);
});
