import assert from "node:assert/strict";
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

Deno.test("Panel", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const pixels = (kind: string) => pixelsOf(page, kind, CLIP);
  const text = (id: string) => page.locator(`#${id}`).innerText();
  await page.keyboard.press("z");

  await t.step("lists sources, presets, and devices with what they are", async () => {
    const options = (id: string) => page.locator(`#${id} option`).allInnerTexts();
    assert.deepEqual(await options("source"), ["clip.mp4", "broken.mp4"]);
    assert.deepEqual(await options("preset"), ["fast", "paper"]);
    assert.deepEqual(await options("device"), ["cpu", "cuda"]);
    assert.equal(await page.locator("#device option").nth(1).getAttribute("title"), "an NVIDIA GPU");
    assert.equal(await page.locator("#device").getAttribute("title"), "the processor");
    assert.equal(await page.title(), "clip.mp4 – deblur preview");
  });

  await t.step("shows frame, time and length", async () => {
    await seek(page, 2);
    await untilFrame(page, 51);
    assert.deepEqual([await text("frame"), await text("time"), await text("length")], [
      "51 / 250",
      "0:02.0",
      "0:10.0",
    ]);
  });

  await t.step("the detail gain changes the restored picture and not the other", async () => {
    await settle(page);
    const [blurry, restored] = [await pixels("blurry"), await pixels("result")];
    await page.locator("#detail").fill("0");
    await until(page, `document.getElementById("detail-value").textContent === "0.00"`);
    await untilSo(
      async () => meanDifference(await pixels("result"), blurry) < 1,
      "a restored picture that is, with a gain of 0, the blurry one",
    );
    assert.ok(meanDifference(blurry, restored) > 3);
    assert.ok(meanDifference(await pixels("blurry"), blurry) < 0.1);
    await page.locator("#detail").fill("1");
  });

  await t.step("plays, pauses and steps by one frame", async () => {
    const before = await frameNumber(page);
    await page.locator("#play").click();
    await until(page, `parseInt(document.getElementById("frame").textContent) > ${before + 3}`);
    await page.locator("#play").click();
    await page.waitForSelector('#play[aria-label="Play"]');
    await seek(page, 1); // behind every frame that may still be on its way
    await untilFrame(page, 26);
    for (const [button, frame] of [["forward", 27], ["back", 26], ["back", 25]] as const) {
      await page.locator(`#step-${button}`).click();
      await untilFrame(page, frame);
    }
  });

  await t.step("shows the statistics", async () => {
    await until(page, `/^[\\d.]+ (ms|s)$/.test(document.getElementById("latency").textContent)`);
    assert.match(await text("rate"), /^\d+\.\d \/s$/);
    assert.match(await text("skipped"), /^\d+$/);
  });
  assert.deepEqual(page.errors, []);
});
