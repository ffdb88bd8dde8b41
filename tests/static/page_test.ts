import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { type ServedPreview, servePreview } from "../../src/server/http/serve_preview.ts";
import { Viewers } from "../../src/server/viewers/viewers.ts";
import { blurRows, FakeEngine, sharpFrame } from "../helpers/preview/fake_media.ts";
import { fakeServer } from "../helpers/preview/fake_server.ts";
import { openBrowser } from "../helpers/preview/open_browser.ts";
import {
  frameNumber,
  meanDifference,
  openPage,
  pixelsOf,
  seek,
  settle,
  until,
  untilFrame,
} from "../helpers/preview/preview_page.ts";

const CLIP = { width: 320, height: 180, frames: 250, frameRate: 25 };
const TOKEN = "token-of-the-browser-test";

async function serve(port = 0): Promise<ServedPreview> {
  const clips = { clip: CLIP, broken: { ...CLIP, breaksAt: 0 } };
  const context = fakeServer(clips, () => Promise.resolve(new FakeEngine()));
  return await servePreview(new Viewers(context), { port, token: TOKEN });
}

const pixels = (page: Page, kind: string) => pixelsOf(page, kind, CLIP);

Deno.test("the page in a real browser", async (t) => {
  const browser = await openBrowser();
  const preview = await serve();
  const { port } = new URL(preview.url);
  let server: ServedPreview = preview;
  try {
    const page = await openPage(browser, preview.url);
    await page.keyboard.press("z");

    await t.step("shows the restored frame: closer to the sharp one than the blurry picture is", async () => {
      await seek(page, 2);
      await untilFrame(page, 51);
      await settle(page);
      const sharp = sharpFrame(CLIP, 50);
      const blurry = await pixels(page, "blurry");
      const restored = await pixels(page, "result");
      assert.ok(
        meanDifference(blurry, blurRows(sharp, CLIP.width)) < 4,
        "the left picture is the source's frame 50",
      );
      const [before, after] = [meanDifference(blurry, sharp), meanDifference(restored, sharp)];
      assert.ok(after < 0.8 * before, `${after} after, ${before} before`);
    });

    await t.step("the detail gain changes the restored picture and not the other", async () => {
      const [blurry, restored] = [await pixels(page, "blurry"), await pixels(page, "result")];
      await page.locator("#detail").fill("0");
      await until(page, `document.getElementById("detail-value").textContent === "0.00"`);
      await page.waitForTimeout(500);
      const without = await pixels(page, "result");
      assert.ok(meanDifference(without, restored) > 3);
      assert.ok(meanDifference(await pixels(page, "blurry"), blurry) < 0.1);
      assert.ok(
        meanDifference(await pixels(page, "result"), blurry) < 1,
        "a gain of 0 is the picture itself here",
      );
      await page.locator("#detail").fill("1");
    });

    await t.step("the divider follows mouse, keyboard and touch", async () => {
      const divider = page.locator("#divider");
      const box = await page.locator("#stage").boundingBox();
      assert.ok(box);
      const valueNow = async () => Number(await divider.getAttribute("aria-valuenow"));
      await page.keyboard.press("0");
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 4, box.y + 40, { steps: 4 });
      await page.mouse.up();
      assert.ok(Math.abs(await valueNow() - 25) <= 3, `${await valueNow()} after the mouse`);
      const clip = await page.evaluate(
        `getComputedStyle(document.querySelector('[data-kind="result"]')).clipPath`,
      );
      assert.match(String(clip), /^inset\(0px 0px 0px 2[0-9]{2}/);
      await divider.focus();
      await page.keyboard.press("Shift+ArrowRight");
      assert.ok(Math.abs(await valueNow() - 35) <= 3, `${await valueNow()} after a key`);
      await page.keyboard.press("End");
      assert.equal(await valueNow(), 100);
      const touch = await page.context().newCDPSession(page);
      const at = (share: number) => [{ x: box.x + box.width * share, y: box.y + box.height / 2 }];
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0.9) });
      await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(0.6) });
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      assert.ok(Math.abs(await valueNow() - 60) <= 4, `${await valueNow()} after a finger`);
    });

    await t.step("the views switch, and the four of Fig. 3 all hold a picture", async () => {
      await page.locator("#stage").focus();
      await page.keyboard.press("2");
      const boxes = page.locator("figure:visible");
      assert.equal(await boxes.count(), 2);
      await page.locator('#views label:has([value="branches"])').click();
      assert.equal(await boxes.count(), 4);
      await page.locator("#zoom-one").click();
      await page.waitForTimeout(600);
      const up = await pixels(page, "up");
      const down = await pixels(page, "down");
      const apart = meanDifference(up, await pixels(page, "blurry"));
      assert.ok(apart < 0.1, `up is the picture itself here, but ${apart} from it`);
      const grey = down.reduce((sum, value) => sum + value, 0) / down.length;
      assert.ok(Math.abs(grey - 128) < 4 && meanDifference(down, new Uint8Array(down.length).fill(128)) > 3);
      await page.keyboard.press("1");
    });

    await t.step("plays, pauses and steps by one frame", async () => {
      const before = await frameNumber(page);
      await page.locator("#play").click();
      await until(page, `parseInt(document.getElementById("frame").textContent) > ${before + 3}`);
      await page.locator("#play").click();
      await page.waitForSelector('#play[aria-label="Play"]');
      await page.waitForTimeout(300);
      const paused = await frameNumber(page);
      await page.locator("#step-forward").click();
      await untilFrame(page, paused + 1);
      await page.locator("#step-back").click();
      await untilFrame(page, paused);
      await page.locator("#step-back").click();
      await untilFrame(page, paused - 1);
    });

    await t.step("1:1 restores the part in view, and both sides move together", async () => {
      await page.setViewportSize({ width: 420, height: 420 });
      await page.keyboard.press("2");
      for (let i = 0; i < 4; i++) await page.locator("#zoom-in").click();
      const box = await page.locator("#stage").boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 4 - 60, box.y + box.height / 2 - 30, { steps: 3 });
      await page.mouse.up();
      await page.waitForTimeout(500);
      const read = `(kind) => {
        const canvas = document.querySelector('figure[data-kind="' + kind + '"] canvas');
        return Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data);
      }`;
      const [left, right]: number[][] = await Promise.all(
        ["blurry", "result"].map((kind) => page.evaluate<number[]>(`(${read})("${kind}")`)),
      );
      assert.ok(left && right);
      const apart = meanDifference(Uint8Array.from(left), Uint8Array.from(right));
      assert.ok(apart > 1 && apart < 25, `sides differ by ${apart}: one place, one of them restored`);
      await page.setViewportSize({ width: 1000, height: 700 });
      await page.keyboard.press("1");
      await page.keyboard.press("0");
    });

    await t.step("saves the pair without loss", async () => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#save").click()]);
      assert.match(download.suggestedFilename(), /^clip\.frame-\d+\.pair\.png$/);
      const bytes = await Deno.readFile(await download.path());
      assert.deepEqual([...bytes.slice(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
      const size = new DataView(bytes.buffer);
      assert.deepEqual([size.getUint32(16), size.getUint32(20)], [2 * CLIP.width, CLIP.height]);
    });

    await t.step("says what is wrong with a broken video, and goes on with another", async () => {
      await page.locator("#source").selectOption("broken");
      await page.waitForSelector('body[data-phase="error"]');
      assert.match(await page.locator("#notice").innerText(), /damaged here/);
      await page.locator("#source").selectOption("clip");
      await page.waitForSelector('body[data-phase="paused"]');
      await untilFrame(page, 1);
    });

    await t.step("comes back by itself, where it was, when the server does", async () => {
      await seek(page, 4);
      await untilFrame(page, 101);
      await server[Symbol.asyncDispose]();
      await page.waitForSelector('body[data-phase="reconnecting"]');
      server = await serve(Number(port));
      await page.waitForSelector('body[data-phase="paused"]');
      await untilFrame(page, 101);
    });

    await t.step(
      "nothing failed and nothing was asked of another host",
      () => assert.deepEqual(page.errors, []),
    );
    await page.close();

    await t.step("every control has an accessible name", async () => {
      const page = await openPage(browser, server.url);
      const nameless = await page.evaluate(
        `[...document.querySelectorAll("button, select, input, [role=slider]")]
        .filter((e) => !(e.ariaLabel || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
        .map((e) => e.id)`,
      );
      assert.deepEqual(nameless, []);
      await page.close();
    });

    await t.step("a page with an old token says that its address is out of date", async () => {
      const page = await openPage(browser, server.url);
      await server[Symbol.asyncDispose]();
      const context = fakeServer({ clip: CLIP });
      server = await servePreview(new Viewers(context), { port: Number(port), token: "another" });
      await page.waitForSelector('body[data-phase="refused"]');
      await page.close();
    });
  } finally {
    await browser.close();
    await server[Symbol.asyncDispose]();
  }
});
