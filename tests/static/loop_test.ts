import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { recordStates, seek, until, untilFrame, untilStates } from "../helpers/preview/preview_page.ts";

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
    // At once: the range is not answered yet when the loop is asked for.
    await page.evaluate(`for (const key of "ol") dispatchEvent(new KeyboardEvent("keydown", { key }))`);
    await page.waitForSelector('body[data-loop="playing"]');
    await until(page, `document.getElementById("loop-text").textContent === "12 frames, all restored"`);
    const range = Array.from({ length: 12 }, (_, i) => 21 + i);
    const played = await framesShown(page, 36);
    const first = played.indexOf(21);
    assert.deepEqual(played.slice(first, first + 24), [...range, ...range]);
  });

  await t.step("is gathered anew with other settings", async () => {
    await recordStates(page, "loop");
    await page.locator("#detail").fill("3");
    await untilStates(page, "loop", "gathering", "playing");
  });

  await t.step(
    "does not take the end of an older request, whose settings were others, for its own",
    async () => {
      const states = await page.evaluate(`import("/static/loop.js").then(({ Loop }) => {
      const asked = [], states = [];
      const loop = new Loop({
        range: () => null,
        request: (isOn, id) => asked.push(id),
        show: () => new Promise(() => {}),
        warn: () => {},
      });
      const take = (seconds) => loop.take({ seconds, parts: [] });
      loop.start();
      take(0);
      loop.start(); // the settings changed; meanwhile the server sends the last frame, and that it was the last
      take(0.04);
      loop.gathered(asked[0]);
      states.push(loop.isPlaying);
      take(0);
      take(0.04);
      loop.gathered(asked[1]);
      states.push(loop.isPlaying);
      loop.leave();
      return states;
    })`);
      assert.deepEqual(states, [false, true]);
    },
  );

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
