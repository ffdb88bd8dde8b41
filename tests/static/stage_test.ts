import assert from "node:assert/strict";
import { blurRows, sharpFrame } from "../helpers/preview/fake_media.ts";
import { CLIP, openPreview } from "../helpers/preview/preview_in_browser.ts";
import {
  meanDifference,
  pixelsOf,
  seek,
  settle,
  until,
  untilFrame,
} from "../helpers/preview/preview_page.ts";

Deno.test("Stage", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const pixels = (kind: string) => pixelsOf(page, kind, CLIP);
  await page.keyboard.press("z");

  await t.step("shows the restored frame: closer to the sharp one than the blurry picture is", async () => {
    await seek(page, 2);
    await untilFrame(page, 51);
    await settle(page);
    const sharp = sharpFrame(CLIP, 50);
    const [blurry, restored] = [await pixels("blurry"), await pixels("result")];
    const source = blurRows(sharp, CLIP.width);
    assert.ok(meanDifference(blurry, source) < 4, "the left picture is the source's frame 50");
    const [before, after] = [meanDifference(blurry, sharp), meanDifference(restored, sharp)];
    assert.ok(after < 0.8 * before, `${after} after, ${before} before`);
  });

  await t.step("shows the four pictures of Fig. 3", async () => {
    await page.locator('#views label:has([value="branches"])').click();
    assert.equal(await page.locator("figure:visible").count(), 4);
    await page.locator("#zoom-one").click();
    await page.waitForTimeout(600);
    const [up, down] = [await pixels("up"), await pixels("down")];
    const apart = meanDifference(up, await pixels("blurry"));
    assert.ok(apart < 0.1, `up is the picture itself here, but ${apart} from it`);
    const grey = down.reduce((sum, value) => sum + value, 0) / down.length;
    assert.ok(Math.abs(grey - 128) < 4 && meanDifference(down, new Uint8Array(down.length).fill(128)) > 3);
    await page.locator('#views label:has([value="divider"])').click();
  });

  await t.step("clips the restored picture at the divider", async () => {
    await page.locator("#zoom-fit").click();
    await page.locator("#divider").focus();
    await page.keyboard.press("Home");
    const split = `parseFloat(document.getElementById("stage").style.getPropertyValue("--split"))`;
    const clip = `getComputedStyle(document.querySelector('[data-kind="result"]')).clipPath`;
    // At its fitted size the picture is as high as the stage.
    const box = await page.locator("#stage").boundingBox();
    assert.ok(box);
    const edge = Math.max(0, (box.width - box.height * CLIP.width / CLIP.height) / 2);
    await until(page, `Math.abs(${split} - ${edge}) < 1`);
    await page.keyboard.press("End");
    await until(page, `Math.abs(${split} - ${box.width - edge}) < 1`);
    await until(page, `${clip}.includes(${split}.toFixed(0).slice(0, 2))`);
  });

  await t.step("removes all pictures when another source is opened", async () => {
    await page.locator("#source").selectOption("broken");
    await page.waitForSelector('body[data-phase="error"]');
    const painted = await pixels("result");
    assert.ok(painted.every((value) => value === 0), "the canvas is empty");
  });
});
