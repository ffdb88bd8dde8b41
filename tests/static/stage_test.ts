import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { blurRows, sharpFrame } from "../helpers/preview/fake_media.ts";
import { CLIP, openPreview } from "../helpers/preview/preview_in_browser.ts";
import {
  frameNumber,
  meanDifference,
  pixelsOf,
  seek,
  settle,
  until,
  untilFrame,
  untilSo,
} from "../helpers/preview/preview_page.ts";

/**
 * Makes frames wait before they are decoded: those that come until `passDecoding`, until `releaseDecoding`. `decodings` counts
 * their pictures; a restored frame has two, its blurry picture, which a busy server sends before it, one.
 */
async function holdDecoding(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    const decode = (window.decodeFrame ??= window.createImageBitmap);
    const held = new Promise((resolve) => window.releaseDecoding = resolve);
    let isHolding = true;
    window.passDecoding = () => isHolding = false;
    window.decodings = 0;
    window.createImageBitmap = async (picture) => {
      window.decodings++;
      if (isHolding) await held;
      return await decode(picture);
    };
  })()`);
}

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
    await untilSo(
      async () => meanDifference(await pixels("up"), await pixels("blurry")) < 0.1,
      "an up branch that is the picture itself",
    );
    await settle(page);
    const down = await pixels("down");
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

  await t.step("shows frames in their order, though one takes longer to decode than the next", async () => {
    await holdDecoding(page);
    await seek(page, 1);
    await until(page, "window.decodings >= 2");
    await page.evaluate("window.passDecoding(), window.decodings = 0");
    await page.locator("#step-forward").click();
    await until(page, "window.decodings >= 2");
    await settle(page);
    assert.equal(await frameNumber(page), 51, "the next frame waits for the one before it");
    await page.evaluate("window.releaseDecoding()");
    await untilFrame(page, 27);
  });

  await t.step(
    "removes all pictures when another source is opened, and those that are still decoded",
    async () => {
      await holdDecoding(page);
      await seek(page, 4);
      await until(page, "window.decodings >= 2");
      await page.locator("#source").selectOption("broken");
      await page.waitForSelector('body[data-phase="error"]');
      await page.evaluate("window.releaseDecoding()");
      await settle(page);
      await settle(page);
      const painted = await pixels("result");
      assert.ok(painted.every((value) => value === 0), "the canvas is empty");
      assert.equal(await page.locator("#frame").innerText(), "–");
      assert.equal(await page.locator("body[data-has-picture]").count(), 0);
    },
  );
});
